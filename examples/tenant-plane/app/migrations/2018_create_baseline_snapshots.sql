create table if not exists baseline_snapshots (
  id bigint generated always as identity primary key,
  host_id bigint references hosts (id),
  baseline jsonb not null,
  taken_at timestamptz not null default now()
);

create index if not exists baseline_snapshots_host on baseline_snapshots (host_id, taken_at);
