create table if not exists integrations (
  id bigint generated always as identity primary key,
  kind text not null,
  settings jsonb not null default '{}'
);

alter table integrations add column if not exists sync_every interval;
alter table integrations add column if not exists synced_at timestamptz;
