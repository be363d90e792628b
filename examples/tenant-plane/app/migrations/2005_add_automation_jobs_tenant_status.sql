alter table automation_jobs add column if not exists tenant_id text not null default 'default';
alter table automation_jobs add column if not exists status text not null default 'queued';

create index if not exists automation_jobs_tenant_status on automation_jobs (tenant_id, status);
