-- The core of the API: leads, pools with rules, field settings, templates, labels
-- in groups, the check for duplicates, notices, and the sequence of changes.

-- +goose Up

-- Where a customer was before, and what pools and lists go by. home_pool_id is the
-- pool that the customer belongs to (所属公海), whoever owns it now; owned_at since
-- when the present owner has it. Former owners, departments and pools may be gone:
-- these columns refer to nothing.
ALTER TABLE customers ADD COLUMN before_user_id INTEGER;
ALTER TABLE customers ADD COLUMN before_department_id INTEGER;
ALTER TABLE customers ADD COLUMN before_pool_id INTEGER;
ALTER TABLE customers ADD COLUMN home_pool_id INTEGER;
ALTER TABLE customers ADD COLUMN flow_into_at INTEGER;
ALTER TABLE customers ADD COLUMN owned_at INTEGER;
ALTER TABLE customers ADD COLUMN revisit_remind_at INTEGER;
ALTER TABLE customers ADD COLUMN status_updated_at INTEGER;
ALTER TABLE customers ADD COLUMN submit_applying_at INTEGER;
ALTER TABLE customers ADD COLUMN finish_approve_at INTEGER;
ALTER TABLE customers ADD COLUMN lead_id INTEGER;

-- Pools hold leads too, each pool one kind of record. settings is a JSON object:
-- managers, members, the automatic rule, columns.
ALTER TABLE customer_pools ADD COLUMN entity TEXT NOT NULL DEFAULT 'customer';
ALTER TABLE customer_pools ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE customer_pools ADD COLUMN position INTEGER NOT NULL DEFAULT 0;

-- group_id is the group that a form shows the field in, settings a JSON object of
-- what the kind needs. common fields are unfolded in forms.
ALTER TABLE custom_fields ADD COLUMN group_id INTEGER;
ALTER TABLE custom_fields ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE custom_fields ADD COLUMN common INTEGER NOT NULL DEFAULT 1;

-- Labels lie in groups. A label with deleted_at is gone for everybody; its row stays
-- until it is taken from all records.
ALTER TABLE labels ADD COLUMN group_id INTEGER;
ALTER TABLE labels ADD COLUMN deleted_at INTEGER;

-- What is known of the bytes: SHA-256 in hex, size of a picture in pixels.
ALTER TABLE attachments ADD COLUMN sub_type TEXT NOT NULL DEFAULT '';
ALTER TABLE attachments ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE attachments ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE attachments ADD COLUMN width INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attachments ADD COLUMN height INTEGER NOT NULL DEFAULT 0;

-- version is the organization's version that the change made: the sequence of all
-- changes, in which lists in memory follow. 0 where no answer was changed by it.
ALTER TABLE operation_logs ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

-- The answer that the first call got, and a digest of what it asked for.
ALTER TABLE request_tickets ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE request_tickets ADD COLUMN answer TEXT NOT NULL DEFAULT '';

-- A name to sign in with, beside the phone number and the e-mail address.
ALTER TABLE users ADD COLUMN login TEXT NOT NULL DEFAULT '';

-- JSON object of settings, by their names.
ALTER TABLE organizations ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

-- tenant
CREATE TABLE label_groups (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    name            TEXT NOT NULL,
    position        INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: headings under which forms and details show fields.
CREATE TABLE field_groups (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    entity          TEXT NOT NULL,
    label           TEXT NOT NULL,
    position        INTEGER NOT NULL,
    enabled         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: kinds of business (业务类型), each with field settings of its own. role_ids
-- is a JSON array, empty where every role may use it.
CREATE TABLE field_templates (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    entity          TEXT NOT NULL,
    name            TEXT NOT NULL,
    position        INTEGER NOT NULL,
    enabled         INTEGER NOT NULL,
    role_ids        TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, entity, name)
);

-- tenant: what an organization has changed on a field, the system's or its own, for
-- one template or (template_id 0) for all. settings is a JSON object.
CREATE TABLE field_settings (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    entity          TEXT NOT NULL,
    template_id     INTEGER NOT NULL,
    name            TEXT NOT NULL,
    settings        TEXT NOT NULL,
    PRIMARY KEY (organization_id, entity, template_id, name)
);

-- tenant: leads (线索) with their address. A lead without an owner lies in a pool;
-- turned_customer_id is the customer that it became.
CREATE TABLE leads (
    organization_id      INTEGER NOT NULL,
    id                   INTEGER NOT NULL,
    user_id              INTEGER,
    creator_id           INTEGER,
    department_id        INTEGER,
    name                 TEXT NOT NULL,
    name_pinyin          TEXT NOT NULL,
    company_name         TEXT NOT NULL,
    status               INTEGER,
    source               INTEGER,
    department           TEXT NOT NULL,
    job                  TEXT NOT NULL,
    note                 TEXT NOT NULL,
    pool_id              INTEGER,
    before_user_id       INTEGER,
    before_department_id INTEGER,
    before_pool_id       INTEGER,
    home_pool_id         INTEGER,
    flow_into_at         INTEGER,
    owned_at             INTEGER,
    revisit_at           INTEGER,
    revisit_remind_at    INTEGER,
    turned_customer_id   INTEGER,
    turned_at            INTEGER,
    card_attachment_id   INTEGER,
    custom_values        TEXT,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    address_id           INTEGER NOT NULL,
    country_id           INTEGER,
    province_id          INTEGER,
    city_id              INTEGER,
    district_id          INTEGER,
    tel                  TEXT,
    phone                TEXT,
    email                TEXT,
    qq                   TEXT,
    fax                  TEXT,
    wechat               TEXT,
    wangwang             TEXT,
    zip                  TEXT,
    url                  TEXT,
    detail_address       TEXT,
    lat                  REAL,
    lng                  REAL,
    address_created_at   INTEGER NOT NULL,
    address_updated_at   INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id),
    FOREIGN KEY (organization_id, creator_id) REFERENCES users (organization_id, id),
    FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id),
    FOREIGN KEY (organization_id, pool_id) REFERENCES customer_pools (organization_id, id)
);
CREATE INDEX leads_name ON leads (organization_id, name);
CREATE INDEX leads_owner ON leads (organization_id, user_id, id);
CREATE INDEX leads_turned ON leads (organization_id, turned_customer_id);

-- tenant: the fields that take part in the check for duplicates (查重). Keys of a rule
-- are written while it is 'building' or 'active'; only an active one refuses.
CREATE TABLE duplicate_rules (
    organization_id INTEGER NOT NULL REFERENCES organizations (organization_id),
    id              INTEGER NOT NULL,
    entity          TEXT NOT NULL,
    field           TEXT NOT NULL,
    position        INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('building', 'active', 'removing')),
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: the normalised value that a record has in the field of a rule.
CREATE TABLE duplicate_keys (
    organization_id INTEGER NOT NULL,
    rule_id         INTEGER NOT NULL,
    key             TEXT NOT NULL,
    record_id       INTEGER NOT NULL,
    PRIMARY KEY (organization_id, rule_id, key, record_id),
    FOREIGN KEY (organization_id, rule_id) REFERENCES duplicate_rules (organization_id, id)
);

-- tenant: what a user is told. content is a JSON object whose form the kind decides.
CREATE TABLE notifications (
    organization_id INTEGER NOT NULL,
    id              INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    entity          TEXT NOT NULL,
    entity_id       INTEGER NOT NULL,
    content         TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    read_at         INTEGER,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
);
CREATE INDEX notifications_user ON notifications (organization_id, user_id, id);
CREATE INDEX notifications_record ON notifications (organization_id, entity, entity_id, user_id);

-- What could be done by whoever may create customers or contacts has rights of its
-- own now, and so has the work with leads: who had the one right gets the others.
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'customer.edit' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'customer.transfer' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'customer.assist' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'customer.turn_common' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'customer.take' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'lead.create' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'lead.edit' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'lead.transfer' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'lead.turn_common' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'lead.take' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'lead.turn_to_customer' FROM role_rights WHERE operation = 'customer.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'contact.edit' FROM role_rights WHERE operation = 'contact.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
INSERT INTO role_rights (organization_id, role_id, operation)
    SELECT organization_id, role_id, 'contact.destroy' FROM role_rights WHERE operation = 'contact.create'
    ON CONFLICT (organization_id, role_id, operation) DO NOTHING;
