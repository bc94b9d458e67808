-- The core of the API: leads, pools with rules, field settings, templates, labels
-- in groups, the check for duplicates, notices, and the sequence of changes.

-- +part tables

-- Where a customer was before, and what pools and lists go by. home_pool_id is the
-- pool that the customer belongs to (所属公海), whoever owns it now; owned_at since
-- when the present owner has it. Former owners, departments and pools may be gone:
-- these columns refer to nothing.
ALTER TABLE customers ADD COLUMN before_user_id bigint;
ALTER TABLE customers ADD COLUMN before_department_id bigint;
ALTER TABLE customers ADD COLUMN before_pool_id bigint;
ALTER TABLE customers ADD COLUMN home_pool_id bigint;
ALTER TABLE customers ADD COLUMN flow_into_at bigint;
ALTER TABLE customers ADD COLUMN owned_at bigint;
ALTER TABLE customers ADD COLUMN revisit_remind_at bigint;
ALTER TABLE customers ADD COLUMN status_updated_at bigint;
ALTER TABLE customers ADD COLUMN submit_applying_at bigint;
ALTER TABLE customers ADD COLUMN finish_approve_at bigint;
ALTER TABLE customers ADD COLUMN lead_id bigint;

-- Pools hold leads too, each pool one kind of record. settings is a JSON object:
-- managers, members, the automatic rule, columns.
ALTER TABLE customer_pools ADD COLUMN entity text COLLATE "C" NOT NULL DEFAULT 'customer';
ALTER TABLE customer_pools ADD COLUMN settings text COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE customer_pools ADD COLUMN position bigint NOT NULL DEFAULT 0;

-- group_id is the group that a form shows the field in, settings a JSON object of
-- what the kind needs. common fields are unfolded in forms.
ALTER TABLE custom_fields ADD COLUMN group_id bigint;
ALTER TABLE custom_fields ADD COLUMN settings text COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE custom_fields ADD COLUMN common boolean NOT NULL DEFAULT TRUE;

-- Labels lie in groups. A label with deleted_at is gone for everybody; its row stays
-- until it is taken from all records.
ALTER TABLE labels ADD COLUMN group_id bigint;
ALTER TABLE labels ADD COLUMN deleted_at bigint;

-- What is known of the bytes: SHA-256 in hex, size of a picture in pixels.
ALTER TABLE attachments ADD COLUMN sub_type text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE attachments ADD COLUMN note text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE attachments ADD COLUMN digest text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE attachments ADD COLUMN width bigint NOT NULL DEFAULT 0;
ALTER TABLE attachments ADD COLUMN height bigint NOT NULL DEFAULT 0;

-- version is the organization's version that the change made: the sequence of all
-- changes, in which lists in memory follow. 0 where no answer was changed by it.
ALTER TABLE operation_logs ADD COLUMN version bigint NOT NULL DEFAULT 0;

-- The answer that the first call got, and a digest of what it asked for.
ALTER TABLE request_tickets ADD COLUMN digest text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE request_tickets ADD COLUMN answer text COLLATE "C" NOT NULL DEFAULT '';

-- A name to sign in with, beside the phone number and the e-mail address.
ALTER TABLE users ADD COLUMN login text COLLATE "C" NOT NULL DEFAULT '';

-- JSON object of settings, by their names.
ALTER TABLE organizations ADD COLUMN settings text COLLATE "C" NOT NULL DEFAULT '{}';

-- tenant
CREATE TABLE label_groups (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    name            text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: headings under which forms and details show fields.
CREATE TABLE field_groups (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    entity          text COLLATE "C" NOT NULL,
    label           text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    enabled         boolean NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: kinds of business (业务类型), each with field settings of its own. role_ids
-- is a JSON array, empty where every role may use it.
CREATE TABLE field_templates (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    entity          text COLLATE "C" NOT NULL,
    name            text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    enabled         boolean NOT NULL,
    role_ids        text COLLATE "C" NOT NULL,
    created_at      bigint NOT NULL,
    updated_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, entity, name)
);

-- tenant: what an organization has changed on a field, the system's or its own, for
-- one template or (template_id 0) for all. settings is a JSON object.
CREATE TABLE field_settings (
    organization_id bigint NOT NULL,
    entity          text COLLATE "C" NOT NULL,
    template_id     bigint NOT NULL,
    name            text COLLATE "C" NOT NULL,
    settings        text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, entity, template_id, name)
);

-- tenant: leads (线索) with their address. A lead without an owner lies in a pool;
-- turned_customer_id is the customer that it became.
CREATE TABLE leads (
    organization_id      bigint NOT NULL,
    id                   bigint NOT NULL,
    user_id              bigint,
    creator_id           bigint,
    department_id        bigint,
    name                 text COLLATE "C" NOT NULL,
    name_pinyin          text COLLATE "C" NOT NULL,
    company_name         text COLLATE "C" NOT NULL,
    status               bigint,
    source               bigint,
    department           text COLLATE "C" NOT NULL,
    job                  text COLLATE "C" NOT NULL,
    note                 text COLLATE "C" NOT NULL,
    pool_id              bigint,
    before_user_id       bigint,
    before_department_id bigint,
    before_pool_id       bigint,
    home_pool_id         bigint,
    flow_into_at         bigint,
    owned_at             bigint,
    revisit_at           bigint,
    revisit_remind_at    bigint,
    turned_customer_id   bigint,
    turned_at            bigint,
    card_attachment_id   bigint,
    custom_values        jsonb,
    created_at           bigint NOT NULL,
    updated_at           bigint NOT NULL,
    address_id           bigint NOT NULL,
    country_id           bigint,
    province_id          bigint,
    city_id              bigint,
    district_id          bigint,
    tel                  text COLLATE "C",
    phone                text COLLATE "C",
    email                text COLLATE "C",
    qq                   text COLLATE "C",
    fax                  text COLLATE "C",
    wechat               text COLLATE "C",
    wangwang             text COLLATE "C",
    zip                  text COLLATE "C",
    url                  text COLLATE "C",
    detail_address       text COLLATE "C",
    lat                  double precision,
    lng                  double precision,
    address_created_at   bigint NOT NULL,
    address_updated_at   bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: the fields that take part in the check for duplicates (查重). Keys of a rule
-- are written while it is 'building' or 'active'; only an active one refuses.
CREATE TABLE duplicate_rules (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    entity          text COLLATE "C" NOT NULL,
    field           text COLLATE "C" NOT NULL,
    position        bigint NOT NULL,
    state           text COLLATE "C" NOT NULL CHECK (state IN ('building', 'active', 'removing')),
    created_at      bigint NOT NULL,
    PRIMARY KEY (organization_id, id)
);

-- tenant: the normalised value that a record has in the field of a rule.
CREATE TABLE duplicate_keys (
    organization_id bigint NOT NULL,
    rule_id         bigint NOT NULL,
    key             text COLLATE "C" NOT NULL,
    record_id       bigint NOT NULL,
    PRIMARY KEY (organization_id, rule_id, key, record_id)
);

-- tenant: what a user is told. content is a JSON object whose form the kind decides.
CREATE TABLE notifications (
    organization_id bigint NOT NULL,
    id              bigint NOT NULL,
    user_id         bigint NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    entity          text COLLATE "C" NOT NULL,
    entity_id       bigint NOT NULL,
    content         text COLLATE "C" NOT NULL,
    created_at      bigint NOT NULL,
    read_at         bigint,
    PRIMARY KEY (organization_id, id)
);

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

-- +part references

ALTER TABLE label_groups ADD CONSTRAINT label_groups_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE field_groups ADD CONSTRAINT field_groups_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE field_templates ADD CONSTRAINT field_templates_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE field_settings ADD CONSTRAINT field_settings_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE leads ADD CONSTRAINT leads_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE leads ADD CONSTRAINT leads_user_id_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id);
ALTER TABLE leads ADD CONSTRAINT leads_creator_id_fkey
    FOREIGN KEY (organization_id, creator_id) REFERENCES users (organization_id, id);
ALTER TABLE leads ADD CONSTRAINT leads_department_id_fkey
    FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id);
ALTER TABLE leads ADD CONSTRAINT leads_pool_id_fkey
    FOREIGN KEY (organization_id, pool_id) REFERENCES customer_pools (organization_id, id);
ALTER TABLE duplicate_rules ADD CONSTRAINT duplicate_rules_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES organizations (organization_id);
ALTER TABLE duplicate_keys ADD CONSTRAINT duplicate_keys_rule_id_fkey
    FOREIGN KEY (organization_id, rule_id) REFERENCES duplicate_rules (organization_id, id);
ALTER TABLE notifications ADD CONSTRAINT notifications_user_id_fkey
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id);

-- +part indexes

CREATE INDEX leads_name ON leads (organization_id, name);
CREATE INDEX leads_owner ON leads (organization_id, user_id, id);
CREATE INDEX leads_turned ON leads (organization_id, turned_customer_id);
CREATE INDEX notifications_user ON notifications (organization_id, user_id, id);
CREATE INDEX notifications_record ON notifications (organization_id, entity, entity_id, user_id);
