-- The first house: everything that the two headline calls and signing in need.
--
-- Rules (docs/architecture.md, "Data"): organization_id leads every key of a
-- tenant table; ids are small integers made by the program (id_counters);
-- times are milliseconds since 1970 UTC; booleans are 0 and 1; no triggers, no
-- defaults that compute. The same tables follow for PostgreSQL.

-- +goose Up

-- local: facts of this installation (signing key, instance id, counters of
-- organizations).
CREATE TABLE installation (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- reference: regions, filled from the data in the binary.
CREATE TABLE regions (
    level     TEXT    NOT NULL,
    id        INTEGER NOT NULL,
    parent_id INTEGER,
    name      TEXT    NOT NULL,
    pinyin    TEXT    NOT NULL,
    gb_code   TEXT    NOT NULL,
    retired   INTEGER NOT NULL,
    PRIMARY KEY (level, id)
);

-- tenant
CREATE TABLE organizations (
    organization_id   INTEGER NOT NULL PRIMARY KEY,
    name              TEXT    NOT NULL,
    version           INTEGER NOT NULL,
    directory_version INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL
);

-- tenant: the next free id of each kind, taken in blocks.
CREATE TABLE id_counters (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    name            TEXT    NOT NULL,
    next_id         INTEGER NOT NULL,
    PRIMARY KEY (organization_id, name)
);

-- tenant
CREATE TABLE departments (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    parent_id       INTEGER,
    name            TEXT    NOT NULL,
    position        INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES departments (organization_id, id)
);

-- tenant
CREATE TABLE roles (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    data_scope      TEXT    NOT NULL CHECK (data_scope IN ('own', 'departments', 'departments_below', 'organization')),
    is_super        INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: operation rights, "subject.action".
CREATE TABLE role_rights (
    organization_id INTEGER NOT NULL,
    role_id         INTEGER NOT NULL,
    operation       TEXT    NOT NULL,
    PRIMARY KEY (organization_id, role_id, operation),
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
);

-- tenant: field rights, "entity.field", hidden on all records or on others'.
CREATE TABLE role_hidden_fields (
    organization_id INTEGER NOT NULL,
    role_id         INTEGER NOT NULL,
    field           TEXT    NOT NULL,
    hidden_on       TEXT    NOT NULL CHECK (hidden_on IN ('all', 'others')),
    PRIMARY KEY (organization_id, role_id, field),
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE
);

-- tenant
CREATE TABLE users (
    organization_id      INTEGER NOT NULL REFERENCES organizations (organization_id),
    id                   INTEGER NOT NULL,
    name                 TEXT    NOT NULL,
    email                TEXT    NOT NULL,
    phone                TEXT    NOT NULL,
    tel                  TEXT    NOT NULL,
    job                  TEXT    NOT NULL,
    gender               TEXT    NOT NULL,
    role_id              INTEGER NOT NULL,
    department_id        INTEGER,
    superior_id          INTEGER,
    state                TEXT    NOT NULL,
    avatar_attachment_id INTEGER,
    hide_numbers         INTEGER NOT NULL,
    password_hash        TEXT    NOT NULL,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id),
    FOREIGN KEY (organization_id, superior_id) REFERENCES users (organization_id, id)
);

-- tenant: further departments (the main one stands in users).
CREATE TABLE user_departments (
    organization_id INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    department_id   INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id, department_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id)
);

-- identity: who signs in with this phone number, e-mail or name.
CREATE TABLE identities (
    login_key       TEXT    NOT NULL PRIMARY KEY,
    organization_id INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
);

-- identity: SHA-256 of a token and what became of it.
CREATE TABLE tokens (
    token_hash      TEXT    NOT NULL PRIMARY KEY,
    organization_id INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    session_id      INTEGER NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('live', 'replaced', 'ended')),
    created_at      INTEGER NOT NULL,
    last_used_at    INTEGER NOT NULL
);

-- tenant: the live sessions of each user.
CREATE TABLE sessions (
    organization_id INTEGER NOT NULL,
    id              INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    token_hash      TEXT    NOT NULL,
    device_kind     TEXT    NOT NULL,
    device          TEXT    NOT NULL,
    version_code    TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_user ON sessions (organization_id, user_id, device_kind, id);

-- tenant: options of the system's select fields.
CREATE TABLE field_options (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    entity          TEXT    NOT NULL,
    field           TEXT    NOT NULL,
    label           TEXT    NOT NULL,
    position        INTEGER NOT NULL,
    enabled         INTEGER NOT NULL,
    meaning         TEXT    NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: definitions of the organization's own fields. choices is a JSON
-- array of {value, label}.
CREATE TABLE custom_fields (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    entity          TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    label           TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    position        INTEGER NOT NULL,
    enabled         INTEGER NOT NULL,
    required        INTEGER NOT NULL,
    choices         TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, entity, name)
);

-- tenant
CREATE TABLE labels (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    color           TEXT    NOT NULL,
    position        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: public pools (公海).
CREATE TABLE customer_pools (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: customers with their address. custom_values is a JSON object or
-- NULL; labelled is 1 when customer_labels has rows for the customer.
CREATE TABLE customers (
    organization_id          INTEGER NOT NULL REFERENCES organizations (organization_id),
    id                       INTEGER NOT NULL,
    user_id                  INTEGER,
    creator_id               INTEGER,
    department_id            INTEGER,
    parent_id                INTEGER,
    name                     TEXT    NOT NULL,
    name_pinyin              TEXT    NOT NULL,
    company_name             TEXT    NOT NULL,
    note                     TEXT    NOT NULL,
    status                   INTEGER,
    category                 INTEGER,
    source                   INTEGER,
    industry                 INTEGER,
    staff_size               INTEGER,
    approve_status           TEXT    NOT NULL,
    custom_field_template_id INTEGER,
    pool_id                  INTEGER,
    labelled                 INTEGER NOT NULL,
    revisit_at               INTEGER,
    custom_values            TEXT,
    created_at               INTEGER NOT NULL,
    updated_at               INTEGER NOT NULL,
    address_id               INTEGER NOT NULL,
    country_id               INTEGER,
    province_id              INTEGER,
    city_id                  INTEGER,
    district_id              INTEGER,
    tel                      TEXT,
    phone                    TEXT,
    email                    TEXT,
    qq                       TEXT,
    fax                      TEXT,
    wechat                   TEXT,
    wangwang                 TEXT,
    zip                      TEXT,
    url                      TEXT,
    detail_address           TEXT,
    lat                      REAL,
    lng                      REAL,
    address_created_at       INTEGER NOT NULL,
    address_updated_at       INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id),
    FOREIGN KEY (organization_id, creator_id) REFERENCES users (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES customers (organization_id, id),
    FOREIGN KEY (organization_id, pool_id) REFERENCES customer_pools (organization_id, id)
);
CREATE INDEX customers_name ON customers (organization_id, name);

-- tenant
CREATE TABLE customer_labels (
    organization_id INTEGER NOT NULL,
    customer_id     INTEGER NOT NULL,
    label_id        INTEGER NOT NULL,
    PRIMARY KEY (organization_id, customer_id, label_id),
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, label_id) REFERENCES labels (organization_id, id)
);

-- tenant: collaborators (协作人).
CREATE TABLE customer_assistants (
    organization_id INTEGER NOT NULL,
    customer_id     INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    PRIMARY KEY (organization_id, customer_id, user_id),
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
);

-- tenant: contacts with their address.
CREATE TABLE contacts (
    organization_id    INTEGER NOT NULL,
    id                 INTEGER NOT NULL,
    customer_id        INTEGER NOT NULL,
    creator_id         INTEGER,
    name               TEXT    NOT NULL,
    name_pinyin        TEXT    NOT NULL,
    department         TEXT    NOT NULL,
    job                TEXT    NOT NULL,
    category           INTEGER,
    gender             TEXT    NOT NULL,
    note               TEXT    NOT NULL,
    birth_date         TEXT    NOT NULL,
    card_attachment_id INTEGER,
    custom_values      TEXT,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    address_id         INTEGER NOT NULL,
    country_id         INTEGER,
    province_id        INTEGER,
    city_id            INTEGER,
    district_id        INTEGER,
    tel                TEXT,
    phone              TEXT,
    email              TEXT,
    qq                 TEXT,
    fax                TEXT,
    wechat             TEXT,
    wangwang           TEXT,
    zip                TEXT,
    url                TEXT,
    detail_address     TEXT,
    lat                REAL,
    lng                REAL,
    address_created_at INTEGER NOT NULL,
    address_updated_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
    FOREIGN KEY (organization_id, creator_id) REFERENCES users (organization_id, id)
);
CREATE INDEX contacts_customer ON contacts (organization_id, customer_id, id);

-- tenant: files; their bytes lie in the blob store under blob_key.
CREATE TABLE attachments (
    organization_id     INTEGER NOT NULL REFERENCES organizations (organization_id),
    id                  INTEGER NOT NULL,
    name                TEXT    NOT NULL,
    attachmentable_type TEXT    NOT NULL,
    attachmentable_id   INTEGER NOT NULL,
    file_name           TEXT    NOT NULL,
    content_type        TEXT    NOT NULL,
    file_size           INTEGER NOT NULL,
    user_id             INTEGER,
    blob_key            TEXT    NOT NULL,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
);
CREATE INDEX attachments_owner ON attachments (organization_id, attachmentable_type, attachmentable_id, id);

-- tenant: who changed what; changes is a JSON object {field: [before, after]}.
CREATE TABLE operation_logs (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    user_id         INTEGER,
    entity          TEXT    NOT NULL,
    entity_id       INTEGER NOT NULL,
    action          TEXT    NOT NULL,
    changes         TEXT    NOT NULL,
    request_id      TEXT    NOT NULL,
    remote_address  TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: tickets of writes that clients may send twice (request_ticket).
CREATE TABLE request_tickets (
    organization_id INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    ticket          TEXT    NOT NULL,
    entity          TEXT    NOT NULL,
    entity_id       INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id, ticket),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);

-- local: how far a generated data set has been loaded (guanxi gen).
CREATE TABLE generated_loads (
    organization_id INTEGER NOT NULL PRIMARY KEY,
    parameters      TEXT    NOT NULL,
    planned         INTEGER NOT NULL,
    done            INTEGER NOT NULL
);
