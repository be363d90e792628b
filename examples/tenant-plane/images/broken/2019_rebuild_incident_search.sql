-- Shipped by mistake in 1.4.0-badmigration: the column is called title, so this can never succeed.
alter table incidents add column if not exists search tsvector;

update incidents set search = to_tsvector('simple', headline);
