alter table governance_workflows add column if not exists source text not null default 'builtin';

create index if not exists governance_workflows_source on governance_workflows (source);
