create table if not exists hosts (
  id bigint generated always as identity primary key,
  hostname text not null unique,
  hardware jsonb not null default '{}',
  software jsonb not null default '{}',
  seen_at timestamptz not null default now()
);
