create table if not exists organizations (
  id bigint generated always as identity primary key,
  name text not null,
  created_at timestamptz not null default now()
);

create table if not exists teams (
  id bigint generated always as identity primary key,
  organization_id bigint not null references organizations (id),
  name text not null,
  created_at timestamptz not null default now()
);

create table if not exists incidents (
  id bigint generated always as identity primary key,
  title text not null,
  created_at timestamptz not null default now()
);

create table if not exists governance_workflows (
  id bigint generated always as identity primary key,
  name text not null,
  steps jsonb not null default '[]',
  created_at timestamptz not null default now()
);
