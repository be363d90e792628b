create table if not exists automation_jobs (
  id bigint generated always as identity primary key,
  name text not null,
  created_at timestamptz not null default now()
);

alter table automation_jobs add column if not exists attempts integer not null default 0;
alter table automation_jobs add column if not exists last_error text;
alter table automation_jobs add column if not exists finished_at timestamptz;
