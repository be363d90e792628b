create table if not exists automation_steps (
  id bigint generated always as identity primary key,
  job_id bigint not null references automation_jobs (id),
  position integer not null,
  action text not null,
  settings jsonb not null default '{}'
);

create unique index if not exists automation_steps_job_position
  on automation_steps (job_id, position);
