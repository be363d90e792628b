create table if not exists vault_credentials (
  id bigint generated always as identity primary key,
  name text not null unique,
  created_at timestamptz not null default now()
);

alter table vault_credentials add column if not exists rotate_every interval;
alter table vault_credentials add column if not exists rotated_at timestamptz;
