create table if not exists ai_feedback (
  id bigint generated always as identity primary key,
  incident_id bigint references incidents (id),
  rating smallint not null check (rating between 1 and 5),
  comment text,
  created_at timestamptz not null default now()
);
