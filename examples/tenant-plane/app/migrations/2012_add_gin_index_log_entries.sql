create table if not exists log_entries (
  id bigint generated always as identity primary key,
  message text not null,
  logged_at timestamptz not null default now()
);

create index if not exists log_entries_message
  on log_entries using gin (to_tsvector('simple', message));
