-- The first house, for PostgreSQL: the tables of sqlite/00001_first_house.sql.
--
-- Three parts, run in this order: the tables without references; what lives
-- where (on Citus the program distributes the tables by their class, and
-- row-level security is set up); references; indexes. Texts compare by their
-- bytes, as in the embedded database, whatever the database's own collation.

-- +part tables

-- local: facts of this installation (signing key, instance id, counters of
-- organizations).
CREATE TABLE installation (
    name  text COLLATE "C" NOT NULL PRIMARY KEY,
    value text COLLATE "C" NOT NULL
);

-- reference: regions, filled from the data in the binary.
CREATE TABLE regions (
    level     text COLLATE "C" NOT NULL,
    id        bigint NOT NULL,
    parent_id bigint,
    name      text COLLATE "C" NOT NULL,
    pinyin    text COLLATE "C" NOT NULL,
    gb_code   text COLLATE "C" NOT NULL,
    retired   boolean NOT NULL,
    PRIMARY KEY (level, id)
);

-- tenant
CREATE TABLE organizations (
    organization_id   bigint NOT NULL PRIMARY KEY,
    name              text COLLATE "C" NOT NULL,
    version           bigint NOT NULL,
    directory_version bigint NOT NULL,
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL
);

-- tenant: the next free id of each kind, taken in blocks.
CREATE TABLE id_counters (
    organization_id bigint NOT NULL,
    name            text COLLATE "C" NOT NULL,
    next_id         bigint NOT NULL,
    PRIMARY KEY (organization_id, name)
);

-- tenant
CREATE TABLE departments (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    parent_id       bigint,
    name            text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant
CREATE TABLE roles (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    name            text COLLATE "C" NOT NULL,
    data_scope      text COLLATE "C" NOT NULL CHECK (data_scope IN ('own', 'departments', 'departments_below', 'organization')),
    is_super        boolean NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: operation rights, "subject.action".
CREATE TABLE role_rights (
    organization_id bigint NOT NULL,
    role_id         bigint NOT NULL,
    operation       text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, role_id, operation)
);

-- tenant: field rights, "entity.field", hidden on all records or on others'.
CREATE TABLE role_hidden_fields (
    organization_id bigint NOT NULL,
    role_id         bigint NOT NULL,
    field           text COLLATE "C" NOT NULL,
    hidden_on       text COLLATE "C" NOT NULL CHECK (hidden_on IN ('all', 'others')),
    PRIMARY KEY (organization_id, role_id, field)
);

-- tenant
CREATE TABLE users (
    organization_id      bigint NOT NULL,
    id                   bigint NOT NULL,
    name                 text COLLATE "C" NOT NULL,
    email                text COLLATE "C" NOT NULL,
    phone                text COLLATE "C" NOT NULL,
    tel                  text COLLATE "C" NOT NULL,
    job                  text COLLATE "C" NOT NULL,
    gender               text COLLATE "C" NOT NULL,
    role_id              bigint NOT NULL,
    department_id        bigint,
    superior_id          bigint,
    state                text COLLATE "C" NOT NULL,
    avatar_attachment_id bigint,
    hide_numbers         boolean NOT NULL,
    password_hash        text COLLATE "C" NOT NULL,
    created_at           bigint NOT NULL,
    updated_at           bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: further departments (the main one stands in users).
CREATE TABLE user_departments (
    organization_id bigint NOT NULL,
    user_id         bigint NOT NULL,
    department_id   bigint NOT NULL,
    PRIMARY KEY (organization_id, user_id, department_id)
);

-- identity: who signs in with this phone number, e-mail or name.
CREATE TABLE identities (
    login_key       text COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id bigint NOT NULL,
    user_id         bigint NOT NULL,
    created_at      bigint NOT NULL
);

-- identity: SHA-256 of a token and what became of it.
CREATE TABLE tokens (
    token_hash      text COLLATE "C" NOT NULL PRIMARY KEY,
    organization_id bigint NOT NULL,
    user_id         bigint NOT NULL,
    session_id      bigint NOT NULL,
    state           text COLLATE "C" NOT NULL CHECK (state IN ('live', 'replaced', 'ended')),
    created_at      bigint NOT NULL,
    last_used_at    bigint NOT NULL
);

-- tenant: the live sessions of each user.
CREATE TABLE sessions (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    user_id         bigint NOT NULL,
    token_hash      text COLLATE "C" NOT NULL,
    device_kind     text COLLATE "C" NOT NULL,
    device          text COLLATE "C" NOT NULL,
    version_code    text COLLATE "C" NOT NULL,
    created_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: options of the system's select fields.
CREATE TABLE field_options (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    entity          text COLLATE "C" NOT NULL,
    field           text COLLATE "C" NOT NULL,
    label           text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    enabled         boolean NOT NULL,
    meaning         text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: definitions of the organization's own fields. choices is a JSON
-- array of {value, label}.
CREATE TABLE custom_fields (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    entity          text COLLATE "C" NOT NULL,
    name            text COLLATE "C" NOT NULL,
    label           text COLLATE "C" NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    enabled         boolean NOT NULL,
    required        boolean NOT NULL,
    choices         text COLLATE "C" NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, entity, name)
);

-- tenant
CREATE TABLE labels (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    name            text COLLATE "C" NOT NULL,
    color           text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: public pools (公海).
CREATE TABLE customer_pools (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    name            text COLLATE "C" NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: customers with their address. custom_values is a JSON object or
-- NULL; labelled is 1 when customer_labels has rows for the customer.
CREATE TABLE customers (
    organization_id          bigint NOT NULL,
    id                       bigint NOT NULL,
    user_id                  bigint,
    creator_id               bigint,
    department_id            bigint,
    parent_id                bigint,
    name                     text COLLATE "C" NOT NULL,
    name_pinyin              text COLLATE "C" NOT NULL,
    company_name             text COLLATE "C" NOT NULL,
    note                     text COLLATE "C" NOT NULL,
    status                   bigint,
    category                 bigint,
    source                   bigint,
    industry                 bigint,
    staff_size               bigint,
    approve_status           text COLLATE "C" NOT NULL,
    custom_field_template_id bigint,
    pool_id                  bigint,
    labelled                 boolean NOT NULL,
    revisit_at               bigint,
    custom_values            jsonb,
    created_at               bigint NOT NULL,
    updated_at               bigint NOT NULL,
    address_id               bigint NOT NULL,
    country_id               bigint,
    province_id              bigint,
    city_id                  bigint,
    district_id              bigint,
    tel                      text COLLATE "C",
    phone                    text COLLATE "C",
    email                    text COLLATE "C",
    qq                       text COLLATE "C",
    fax                      text COLLATE "C",
    wechat                   text COLLATE "C",
    wangwang                 text COLLATE "C",
    zip                      text COLLATE "C",
    url                      text COLLATE "C",
    detail_address           text COLLATE "C",
    lat                      double precision,
    lng                      double precision,
    address_created_at       bigint NOT NULL,
    address_updated_at       bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant
CREATE TABLE customer_labels (
    organization_id bigint NOT NULL,
    customer_id     bigint NOT NULL,
    label_id        bigint NOT NULL,
    PRIMARY KEY (organization_id, customer_id, label_id)
);

-- tenant: collaborators (协作人).
CREATE TABLE customer_assistants (
    organization_id bigint NOT NULL,
    customer_id     bigint NOT NULL,
    user_id         bigint NOT NULL,
    PRIMARY KEY (organization_id, customer_id, user_id)
);

-- tenant: contacts with their address.
CREATE TABLE contacts (
    organization_id    bigint NOT NULL,
    id                 bigint NOT NULL,
    customer_id        bigint NOT NULL,
    creator_id         bigint,
    name               text COLLATE "C" NOT NULL,
    name_pinyin        text COLLATE "C" NOT NULL,
    department         text COLLATE "C" NOT NULL,
    job                text COLLATE "C" NOT NULL,
    category           bigint,
    gender             text COLLATE "C" NOT NULL,
    note               text COLLATE "C" NOT NULL,
    birth_date         text COLLATE "C" NOT NULL,
    card_attachment_id bigint,
    custom_values      jsonb,
    created_at         bigint NOT NULL,
    updated_at         bigint NOT NULL,
    address_id         bigint NOT NULL,
    country_id         bigint,
    province_id        bigint,
    city_id            bigint,
    district_id        bigint,
    tel                text COLLATE "C",
    phone              text COLLATE "C",
    email              text COLLATE "C",
    qq                 text COLLATE "C",
    fax                text COLLATE "C",
    wechat             text COLLATE "C",
    wangwang           text COLLATE "C",
    zip                text COLLATE "C",
    url                text COLLATE "C",
    detail_address     text COLLATE "C",
    lat                double precision,
    lng                double precision,
    address_created_at bigint NOT NULL,
    address_updated_at bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: files; their bytes lie in the blob store under blob_key.
CREATE TABLE attachments (
    organization_id     bigint NOT NULL,
    id                  bigint NOT NULL,
    name                text COLLATE "C" NOT NULL,
    attachmentable_type text COLLATE "C" NOT NULL,
    attachmentable_id   bigint NOT NULL,
    file_name           text COLLATE "C" NOT NULL,
    content_type        text COLLATE "C" NOT NULL,
    file_size           bigint NOT NULL,
    user_id             bigint,
    blob_key            text COLLATE "C" NOT NULL,
    created_at          bigint NOT NULL,
    updated_at          bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: who changed what; changes is a JSON object {field: [before, after]}.
CREATE TABLE operation_logs (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    user_id         bigint,
    entity          text COLLATE "C" NOT NULL,
    entity_id       bigint NOT NULL,
    action          text COLLATE "C" NOT NULL,
    changes         text COLLATE "C" NOT NULL,
    request_id      text COLLATE "C" NOT NULL,
    remote_address  text COLLATE "C" NOT NULL,
    created_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: tickets of writes that clients may send twice (request_ticket).
CREATE TABLE request_tickets (
    organization_id bigint NOT NULL,
    user_id         bigint NOT NULL,
    ticket          text COLLATE "C" NOT NULL,
    entity          text COLLATE "C" NOT NULL,
    entity_id       bigint NOT NULL,
    created_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, user_id, ticket)
);

-- local: how far a generated data set has been loaded (guanxi gen).
CREATE TABLE generated_loads (
    organization_id bigint NOT NULL PRIMARY KEY,
    parameters      text COLLATE "C" NOT NULL,
    planned         bigint NOT NULL,
    done            bigint NOT NULL
);

-- +part references

ALTER TABLE id_counters ADD CONSTRAINT id_counters_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE departments ADD CONSTRAINT departments_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE departments ADD CONSTRAINT departments_parent_id_fkey
    FOREIGN KEY (organization_id, parent_id) REFERENCES departments (organization_id, id);
ALTER TABLE roles ADD CONSTRAINT roles_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE role_rights ADD CONSTRAINT role_rights_role_id_fkey
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE;
ALTER TABLE role_hidden_fields ADD CONSTRAINT role_hidden_fields_role_id_fkey
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id) ON DELETE CASCADE;
ALTER TABLE users ADD CONSTRAINT users_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE users ADD CONSTRAINT users_role_id_fkey
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id);
ALTER TABLE users ADD CONSTRAINT users_department_id_fkey
    FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id);
ALTER TABLE users ADD CONSTRAINT users_superior_id_fkey
    FOREIGN KEY (organization_id, superior_id) REFERENCES users (organization_id, id);
ALTER TABLE user_departments ADD CONSTRAINT user_departments_user_id_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE;
ALTER TABLE user_departments ADD CONSTRAINT user_departments_department_id_fkey
    FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id);
ALTER TABLE sessions ADD CONSTRAINT sessions_user_id_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE;
ALTER TABLE field_options ADD CONSTRAINT field_options_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE custom_fields ADD CONSTRAINT custom_fields_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE labels ADD CONSTRAINT labels_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE customer_pools ADD CONSTRAINT customer_pools_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE customers ADD CONSTRAINT customers_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE customers ADD CONSTRAINT customers_user_id_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id);
ALTER TABLE customers ADD CONSTRAINT customers_creator_id_fkey
    FOREIGN KEY (organization_id, creator_id) REFERENCES users (organization_id, id);
ALTER TABLE customers ADD CONSTRAINT customers_department_id_fkey
    FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id);
ALTER TABLE customers ADD CONSTRAINT customers_parent_id_fkey
    FOREIGN KEY (organization_id, parent_id) REFERENCES customers (organization_id, id);
ALTER TABLE customers ADD CONSTRAINT customers_pool_id_fkey
    FOREIGN KEY (organization_id, pool_id) REFERENCES customer_pools (organization_id, id);
ALTER TABLE customer_labels ADD CONSTRAINT customer_labels_customer_id_fkey
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id) ON DELETE CASCADE;
ALTER TABLE customer_labels ADD CONSTRAINT customer_labels_label_id_fkey
    FOREIGN KEY (organization_id, label_id) REFERENCES labels (organization_id, id);
ALTER TABLE customer_assistants ADD CONSTRAINT customer_assistants_customer_id_fkey
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id) ON DELETE CASCADE;
ALTER TABLE customer_assistants ADD CONSTRAINT customer_assistants_user_id_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id);
ALTER TABLE contacts ADD CONSTRAINT contacts_customer_id_fkey
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id);
ALTER TABLE contacts ADD CONSTRAINT contacts_creator_id_fkey
    FOREIGN KEY (organization_id, creator_id) REFERENCES users (organization_id, id);
ALTER TABLE attachments ADD CONSTRAINT attachments_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE attachments ADD CONSTRAINT attachments_user_id_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id);
ALTER TABLE operation_logs ADD CONSTRAINT operation_logs_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE request_tickets ADD CONSTRAINT request_tickets_user_id_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE;

-- +part indexes

CREATE INDEX sessions_user ON sessions (organization_id, user_id, device_kind, id);
CREATE INDEX customers_name ON customers (organization_id, name);
CREATE INDEX contacts_customer ON contacts (organization_id, customer_id, id);
CREATE INDEX attachments_owner ON attachments (organization_id, attachmentable_type, attachmentable_id, id);
