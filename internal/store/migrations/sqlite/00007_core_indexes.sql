-- Indexes on tables that may be big.

-- +goose Up

CREATE INDEX customers_owner ON customers (organization_id, user_id, id);
CREATE INDEX customers_parent ON customers (organization_id, parent_id, id);
CREATE INDEX customer_assistants_user ON customer_assistants (organization_id, user_id, customer_id);
CREATE INDEX operation_logs_version ON operation_logs (organization_id, version, entity, entity_id);
CREATE INDEX operation_logs_entity ON operation_logs (organization_id, entity, entity_id, id);
CREATE INDEX operation_logs_time ON operation_logs (organization_id, created_at, id);
CREATE INDEX attachments_key ON attachments (organization_id, blob_key);
CREATE INDEX operation_logs_kind ON operation_logs (organization_id, entity, created_at, id);
CREATE INDEX operation_logs_user ON operation_logs (organization_id, user_id, created_at, id);
CREATE INDEX customers_department ON customers (organization_id, department_id);
CREATE INDEX leads_department ON leads (organization_id, department_id);
