create table if not exists report_schedules (
  id bigint generated always as identity primary key,
  report text not null,
  every interval not null,
  next_at timestamptz not null
);

create index if not exists report_schedules_next_at on report_schedules (next_at);
