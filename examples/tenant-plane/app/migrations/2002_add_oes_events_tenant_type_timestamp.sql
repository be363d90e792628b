create table if not exists oes_events (
  id bigint generated always as identity primary key,
  tenant_id text not null default 'default',
  type text not null,
  payload jsonb not null default '{}',
  occurred_at timestamptz not null default now()
);

create index if not exists oes_events_tenant_type_timestamp
  on oes_events (tenant_id, type, occurred_at);
