CREATE TYPE workspace_transition AS ENUM ('start', 'stop', 'delete');
CREATE TYPE provisioner_job_type AS ENUM ('workspace_build', 'template_version_import', 'template_version_dry_run');

CREATE TABLE templates (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    name            text NOT NULL,
    created_at      timestamptz NOT NULL
);

CREATE TABLE provisioner_jobs (
    id         uuid PRIMARY KEY,
    type       provisioner_job_type NOT NULL,
    -- {"workspace_build_id": …} or {"template_version_id": …}
    input      jsonb NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE template_versions (
    id          uuid PRIMARY KEY,
    template_id uuid NOT NULL REFERENCES templates (id),
    job_id      uuid NOT NULL UNIQUE REFERENCES provisioner_jobs (id),
    created_at  timestamptz NOT NULL
);
CREATE INDEX ON template_versions (template_id);

CREATE TABLE workspaces (
    id              uuid PRIMARY KEY,
    owner_id        uuid NOT NULL,
    organization_id uuid NOT NULL,
    template_id     uuid NOT NULL REFERENCES templates (id),
    name            text NOT NULL,
    deleted         boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL
);
CREATE INDEX ON workspaces (owner_id) WHERE NOT deleted;
CREATE INDEX ON workspaces (template_id);

CREATE TABLE workspace_builds (
    id           uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspaces (id),
    build_number integer NOT NULL,
    transition   workspace_transition NOT NULL,
    job_id       uuid NOT NULL UNIQUE REFERENCES provisioner_jobs (id),
    created_at   timestamptz NOT NULL,
    UNIQUE (workspace_id, build_number)
);

CREATE TABLE workspace_resources (
    id         uuid PRIMARY KEY,
    job_id     uuid NOT NULL REFERENCES provisioner_jobs (id),
    name       text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX ON workspace_resources (job_id);

CREATE TABLE workspace_agents (
    id               uuid PRIMARY KEY,
    resource_id      uuid NOT NULL REFERENCES workspace_resources (id),
    -- set for a sub-agent, such as one in a container of the workspace
    parent_id        uuid REFERENCES workspace_agents (id),
    name             text NOT NULL,
    auth_token       uuid NOT NULL UNIQUE,
    auth_instance_id text,
    deleted          boolean NOT NULL DEFAULT false,
    created_at       timestamptz NOT NULL
);
CREATE INDEX ON workspace_agents (auth_instance_id, created_at DESC);
CREATE INDEX ON workspace_agents (resource_id);
CREATE INDEX ON workspace_agents (parent_id);
