create table if not exists autonomous_runs (
  id bigint generated always as identity primary key,
  incident_id bigint references incidents (id),
  stage text not null default 'detected',
  started_at timestamptz not null default now(),
  finished_at timestamptz
);

create index if not exists autonomous_runs_stage on autonomous_runs (stage);
