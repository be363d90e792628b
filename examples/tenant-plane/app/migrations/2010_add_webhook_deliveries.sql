create table if not exists webhook_deliveries (
  id bigint generated always as identity primary key,
  url text not null,
  status_code integer,
  attempts integer not null default 0,
  delivered_at timestamptz
);
