alter table incidents add column if not exists tenant_id text not null default 'default';
alter table incidents add column if not exists status text not null default 'open';

create index if not exists incidents_tenant_status on incidents (tenant_id, status);
