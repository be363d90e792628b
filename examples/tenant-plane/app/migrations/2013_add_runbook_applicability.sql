create table if not exists runbooks (
  id bigint generated always as identity primary key,
  title text not null,
  body text not null default ''
);

alter table runbooks add column if not exists applies_to jsonb not null default '{}';
