create table if not exists compliance_controls (
  id bigint generated always as identity primary key,
  framework text not null,
  control text not null,
  met boolean not null default false
);

create table if not exists finops_costs (
  id bigint generated always as identity primary key,
  service text not null,
  day date not null,
  amount numeric(12, 2) not null
);

create table if not exists value_proofs (
  id bigint generated always as identity primary key,
  incident_id bigint references incidents (id),
  minutes_saved integer not null
);
