-- Every statement that the program runs on its tables. Made by
--   go test ./internal/store -run TestStatementsAreRegistered -update

-- +statement AddAssistant, organization
INSERT INTO customer_assistants (organization_id, customer_id, user_id) VALUES ($1, $2, $3)
-- +statement AddAttachment, organization
INSERT INTO attachments (organization_id, id, name, attachmentable_type, attachmentable_id, sub_type, note, file_name, content_type,
	file_size, digest, width, height, user_id, blob_key, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
-- +statement AddContact, organization
INSERT INTO contacts (organization_id, id, customer_id, creator_id, name, name_pinyin, department, job, category, gender, note, birth_date,
	card_attachment_id, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, address_created_at, address_updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)
-- +statement AddCustomField, organization
INSERT INTO custom_fields (organization_id, id, entity, name, label, kind, group_id, position, enabled,
		common, required, choices, settings, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14)
-- +statement AddCustomer, organization
INSERT INTO customers (organization_id, id, user_id, creator_id, department_id, parent_id, name, name_pinyin, company_name, note, status,
	category, source, industry, staff_size, approve_status, custom_field_template_id, pool_id, home_pool_id, before_pool_id,
	before_user_id, before_department_id, flow_into_at, owned_at, status_updated_at, submit_applying_at, finish_approve_at,
	revisit_remind_at, lead_id, labelled, revisit_at, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, address_created_at, address_updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53)
-- +statement AddCustomerLabel, organization
INSERT INTO customer_labels (organization_id, customer_id, label_id) VALUES ($1, $2, $3)
-- +statement AddDepartment, organization
INSERT INTO departments (organization_id, id, parent_id, name, position, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)
-- +statement AddFailures, installation
INSERT INTO signin_failures (failure_key, failures, since) VALUES ($1, 1, $2)
			ON CONFLICT (failure_key) DO UPDATE SET
			failures = CASE WHEN signin_failures.since > $3 THEN signin_failures.failures + 1 ELSE 1 END,
			since = CASE WHEN signin_failures.since > $3 THEN signin_failures.since ELSE EXCLUDED.since END
-- +statement AddIdentity, installation
INSERT INTO identities (login_key, organization_id, user_id, created_at) VALUES ($1, $2, $3, $4)
-- +statement AddKey, organization
INSERT INTO duplicate_keys (organization_id, rule_id, key, record_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (organization_id, rule_id, key, record_id) DO NOTHING
-- +statement AddLabel, organization
INSERT INTO labels (organization_id, id, group_id, name, color, position)
		VALUES ($1, $2, $3, $4, $5, $6)
-- +statement AddLead, organization
INSERT INTO leads (organization_id, id, user_id, creator_id, department_id, name, name_pinyin, company_name, status, source, department, job,
	note, pool_id, before_user_id, before_department_id, before_pool_id, home_pool_id, flow_into_at, owned_at, revisit_at,
	revisit_remind_at, turned_customer_id, turned_at, card_attachment_id, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, address_created_at, address_updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47)
-- +statement AddNotice, organization
INSERT INTO notifications (organization_id, id, user_id, kind, entity, entity_id, content, created_at,
		read_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
-- +statement AddOption, organization
INSERT INTO field_options (organization_id, id, entity, field, label, position, enabled, meaning)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
-- +statement AddOrganization, organization
INSERT INTO organizations (organization_id, name, version, directory_version, created_at, updated_at)
		VALUES ($1, $2, 0, 0, $3, $3)
-- +statement AddPool, organization
INSERT INTO customer_pools (organization_id, id, entity, name, position, settings, created_at,
		updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
-- +statement AddRole, organization
INSERT INTO roles (organization_id, id, name, data_scope, is_super, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)
-- +statement AddRule, organization
INSERT INTO duplicate_rules (organization_id, id, entity, field, position, state, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
-- +statement AddSession, organization
INSERT INTO sessions (organization_id, id, user_id, token_hash, device_kind, device, version_code,
		created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
-- +statement AddSession, installation
INSERT INTO tokens (token_hash, organization_id, user_id, session_id, state, created_at, last_used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)
-- +statement AddTemplate, organization
INSERT INTO field_templates (organization_id, id, entity, name, position, enabled, role_ids, created_at,
		updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
-- +statement AddTicket, organization
INSERT INTO request_tickets (organization_id, user_id, ticket, entity, entity_id, digest, answer,
		created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
-- +statement AddUser, organization
INSERT INTO users (organization_id, id, name, email, phone, tel, job, gender, role_id,
		department_id, superior_id, state, avatar_attachment_id, hide_numbers, login, password_hash, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
-- +statement AdvanceLoad, installation
UPDATE generated_loads SET done = $3 WHERE organization_id = $1 AND done = $2
-- +statement Alone, organization
SELECT version FROM organizations WHERE organization_id = $1 FOR NO KEY UPDATE
-- +statement AssistantFeed, organization
SELECT customer_id, user_id FROM customer_assistants WHERE organization_id = $1 AND customer_id > $2
		AND customer_id <= $3 ORDER BY customer_id, user_id
-- +statement Assistants, organization
SELECT user_id FROM customer_assistants WHERE organization_id = $1 AND customer_id = $2
	ORDER BY user_id
-- +statement AssistedBy, organization
SELECT customer_id FROM customer_assistants WHERE organization_id = $1 AND user_id = $2
		AND customer_id > $3 ORDER BY customer_id LIMIT $4
-- +statement Attachment, organization
SELECT id, name, attachmentable_type, attachmentable_id, sub_type, note, file_name, content_type,
	file_size, digest, width, height, user_id, blob_key, created_at, updated_at FROM attachments WHERE organization_id = $1 AND id = $2
-- +statement AttachmentsOf, organization
SELECT id, name, attachmentable_type, attachmentable_id, sub_type, note, file_name, content_type,
	file_size, digest, width, height, user_id, blob_key, created_at, updated_at FROM attachments WHERE organization_id = $1
		AND attachmentable_type = $2 AND attachmentable_id = $3 ORDER BY id DESC LIMIT $4
-- +statement BeginLoad, installation
INSERT INTO generated_loads (organization_id, parameters, planned, done) VALUES ($1, $2, $3, 0)
-- +statement CancelJob, organization
UPDATE jobs SET state = 'cancelled', due_at = NULL, finished_at = $3, updated_at = $3
		WHERE organization_id = $1 AND id = $2 AND state IN ('waiting', 'running', 'paused') RETURNING kind
-- +statement ChangedSince, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND entity = $2 AND entity_id = $3
		AND version > $4
-- +statement ChangesSince, organization
SELECT version, directory_version, sessions_version FROM organizations WHERE organization_id = $1
-- +statement ChangesSince, organization
SELECT version, entity, entity_id, action FROM operation_logs WHERE organization_id = $1 AND version > $2
			ORDER BY version, entity, entity_id LIMIT $3
-- +statement ChildCustomers, organization
SELECT id FROM customers WHERE organization_id = $1 AND parent_id = $2 ORDER BY id
-- +statement ClaimJobs, organization
WITH j AS MATERIALIZED (SELECT d.id AS due_id FROM jobs d
	WHERE d.organization_id = $1 AND d.kind = $2 AND d.due_at <= $3 ORDER BY d.due_at, d.id LIMIT 1 FOR UPDATE SKIP LOCKED)
	UPDATE jobs SET state = 'running', due_at = $4, attempts = attempts + 1, claim = claim + 1, worker = $5,
	started_at = $3, updated_at = $3 FROM j WHERE jobs.organization_id = $1 AND jobs.id = j.due_id RETURNING id, kind, key, payload, state, due_at, attempts, max_attempts, every, claim, worker, progress_done,
	progress_total, cursor, last_error, result, user_id, created_at, updated_at, started_at, finished_at
-- +statement Contact, organization
SELECT id, customer_id, creator_id, name, name_pinyin, department, job, category, gender, note, birth_date,
	card_attachment_id, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM contacts WHERE organization_id = $1 AND id = $2
-- +statement ContactDetail, organization
SELECT
	s.id, s.customer_id, s.creator_id, s.name, s.name_pinyin, s.department, s.job, s.category, s.gender, s.note,
	s.birth_date, s.card_attachment_id, s.custom_values, s.created_at, s.updated_at, s.address_id, s.country_id,
	s.province_id, s.city_id, s.district_id, s.tel, s.phone, s.email, s.qq, s.fax, s.wechat, s.wangwang, s.zip,
	s.url, s.detail_address, s.lat, s.lng, s.lat IS NOT NULL, s.address_created_at, s.address_updated_at,
	c.id, c.user_id, c.creator_id, c.department_id, c.pool_id, c.name, c.name_pinyin, c.company_name, c.status, c.category,
	c.approve_status, c.revisit_at, c.created_at, c.updated_at, c.address_id, c.country_id, c.province_id, c.city_id,
	c.district_id, c.tel, c.phone, c.email, c.qq, c.url, c.detail_address, c.lat, c.lng, c.lat IS NOT NULL
	FROM contacts k CROSS JOIN customers c CROSS JOIN contacts s
	WHERE k.organization_id = $1 AND k.id = $2
	AND c.organization_id = k.organization_id AND c.id = k.customer_id
	AND s.organization_id = k.organization_id AND s.customer_id = k.customer_id
-- +statement ContactFeed, organization
SELECT id, customer_id, creator_id, name, category, gender, created_at, updated_at, tel, phone
	FROM contacts WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
-- +statement ContactFeedOf, organization
SELECT id FROM contacts WHERE organization_id = $1 AND customer_id = $2 ORDER BY id
-- +statement ContactsAfter, organization
SELECT id, customer_id, creator_id, name, name_pinyin, department, job, category, gender, note, birth_date,
	card_attachment_id, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM contacts WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
-- +statement ContactsOf, organization
SELECT id, name, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM contacts WHERE organization_id = $1 AND customer_id = $2 ORDER BY id
-- +statement CountLogs, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND +created_at BETWEEN $2 AND $3 AND ($4 = '' OR action = $4) AND entity = $5
	AND entity_id = $6 AND ($7 = 0 OR user_id = $7)
-- +statement CountLogs, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3
-- +statement CountLogs, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3 AND action = $4
-- +statement CountLogs, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3 AND entity = $4
-- +statement CountLogs, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3 AND entity = $4 AND action = $5
-- +statement CountLogs, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3 AND user_id = $4
-- +statement CountLogs, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3 AND user_id = $4 AND ($5 = '' OR entity = $5) AND ($6 = '' OR action = $6)
-- +statement CountNotices, organization
SELECT count(*), count(*) - count(read_at) FROM notifications
		WHERE organization_id = $1 AND user_id = $2
-- +statement Customer, organization
SELECT id, user_id, creator_id, department_id, parent_id, name, name_pinyin, company_name, note, status,
	category, source, industry, staff_size, approve_status, custom_field_template_id, pool_id, home_pool_id, before_pool_id,
	before_user_id, before_department_id, flow_into_at, owned_at, status_updated_at, submit_applying_at, finish_approve_at,
	revisit_remind_at, lead_id, labelled, revisit_at, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM customers WHERE organization_id = $1 AND id = $2
-- +statement CustomerFeed, organization
SELECT id, user_id, creator_id, department_id, parent_id, name, status, category, source, industry,
	staff_size, approve_status, custom_field_template_id, pool_id, home_pool_id, lead_id, revisit_at, revisit_remind_at,
	flow_into_at, owned_at, created_at, updated_at, province_id, city_id, district_id
	FROM customers WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
-- +statement CustomerInShort, organization
SELECT id, user_id, creator_id, department_id, pool_id, name, name_pinyin, company_name, status, category,
		approve_status, revisit_at, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, url,
	detail_address, lat, lng, lat IS NOT NULL
		FROM customers WHERE organization_id = $1 AND id = $2
-- +statement CustomerLabels, organization
SELECT label_id FROM customer_labels WHERE organization_id = $1 AND customer_id = $2 ORDER BY label_id
-- +statement CustomersAfter, organization
SELECT id, user_id, creator_id, department_id, parent_id, name, name_pinyin, company_name, note, status,
	category, source, industry, staff_size, approve_status, custom_field_template_id, pool_id, home_pool_id, before_pool_id,
	before_user_id, before_department_id, flow_into_at, owned_at, status_updated_at, submit_applying_at, finish_approve_at,
	revisit_remind_at, lead_id, labelled, revisit_at, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM customers WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
-- +statement CustomersByName, organization
SELECT
	c.id, c.user_id, c.name, c.status, c.category, c.approve_status, c.custom_field_template_id, c.labelled,
	c.created_at, c.updated_at, c.address_id, c.country_id, c.province_id, c.city_id, c.district_id, c.tel, c.phone,
	c.email, c.qq, c.fax, c.wechat, c.wangwang, c.zip, c.url, c.detail_address, c.lat, c.lng, c.lat IS NOT NULL,
	c.address_created_at, c.address_updated_at,
	k.id, k.name,
	k.address_id, k.country_id, k.province_id, k.city_id, k.district_id, k.tel, k.phone, k.email, k.qq, k.fax,
	k.wechat, k.wangwang, k.zip, k.url, k.detail_address, k.lat, k.lng, k.lat IS NOT NULL, k.address_created_at,
	k.address_updated_at
		FROM customers c
		LEFT JOIN contacts k ON k.organization_id = c.organization_id AND k.customer_id = c.id
		WHERE c.organization_id = $1 AND c.name = $2
-- +statement CustomersByName, organization
SELECT id, user_id, name, status, category, approve_status, custom_field_template_id, labelled,
		created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM customers WHERE organization_id = $1 AND name = $2
-- +statement CustomersByName, organization
SELECT l.customer_id, l.label_id
		FROM customers c CROSS JOIN customer_labels l
		WHERE c.organization_id = $1 AND c.name = $2 AND l.organization_id = c.organization_id AND l.customer_id = c.id
		ORDER BY l.label_id
-- +statement CustomersOwnedBy, organization
SELECT id FROM customers WHERE organization_id = $1 AND user_id = $2 AND id > $3 ORDER BY id LIMIT $4
-- +statement DeleteAttachment, organization
DELETE FROM attachments WHERE organization_id = $1 AND id = $2
-- +statement DeleteAttachmentsOf, organization
DELETE FROM attachments WHERE organization_id = $1 AND attachmentable_type = $2
		AND attachmentable_id = $3
-- +statement DeleteContact, organization
DELETE FROM contacts WHERE organization_id = $1 AND id = $2
-- +statement DeleteCustomField, organization
DELETE FROM custom_fields WHERE organization_id = $1 AND id = $2
-- +statement DeleteCustomField, organization
DELETE FROM field_settings WHERE organization_id = $1 AND entity = $2 AND name = $3
-- +statement DeleteCustomer, organization
DELETE FROM customers WHERE organization_id = $1 AND id = $2
-- +statement DeleteDepartment, organization
DELETE FROM departments WHERE organization_id = $1 AND id = $2
-- +statement DeleteFieldGroup, organization
DELETE FROM field_groups WHERE organization_id = $1 AND id = $2
-- +statement DeleteIdentity, installation
DELETE FROM identities WHERE login_key = $1 AND organization_id = $2 AND user_id = $3
-- +statement DeleteKey, organization
DELETE FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2 AND key = $3
		AND record_id = $4
-- +statement DeleteKeys, organization
DELETE FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2
-- +statement DeleteKeys, organization
DELETE FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2 AND key <= $3
-- +statement DeleteKeys, organization
SELECT key FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2
		ORDER BY key LIMIT 1 OFFSET $3
-- +statement DeleteLabel, organization
DELETE FROM labels WHERE organization_id = $1 AND id = $2 AND deleted_at IS NOT NULL
-- +statement DeleteLabelGroup, organization
DELETE FROM label_groups WHERE organization_id = $1 AND id = $2
-- +statement DeleteLead, organization
DELETE FROM leads WHERE organization_id = $1 AND id = $2
-- +statement DeletePool, organization
DELETE FROM customer_pools WHERE organization_id = $1 AND id = $2
-- +statement DeleteRole, organization
DELETE FROM roles WHERE organization_id = $1 AND id = $2
-- +statement DeleteRole, organization
UPDATE users SET role_id = $3 WHERE organization_id = $1 AND role_id = $2 AND state = 'deleted'
-- +statement DeleteRule, organization
DELETE FROM duplicate_rules WHERE organization_id = $1 AND id = $2
-- +statement DeleteTemplate, organization
DELETE FROM field_settings WHERE organization_id = $1 AND entity = $2 AND template_id = $3
-- +statement DeleteTemplate, organization
DELETE FROM field_templates WHERE organization_id = $1 AND id = $2
-- +statement DepartmentHasRecords, organization
SELECT id FROM customers WHERE organization_id = $1 AND department_id = $2 LIMIT 1
-- +statement DepartmentHasRecords, organization
SELECT id FROM leads WHERE organization_id = $1 AND department_id = $2 LIMIT 1
-- +statement Directory, organization
SELECT organization_id, name, version, directory_version, sessions_version, created_at, settings
		FROM organizations WHERE organization_id = $1
-- +statement DueJobs, everyone
SELECT due_at, organization_id, id, kind FROM jobs
			WHERE due_at <= $1 AND (due_at, organization_id, id) > ($2, $3, $4)
			ORDER BY due_at, organization_id, id LIMIT $5
-- +statement EndSession, organization
DELETE FROM sessions WHERE organization_id = $1 AND id = $2
-- +statement EndSession, installation
UPDATE tokens SET state = $2 WHERE token_hash = $1
-- +statement Enqueue, organization
INSERT INTO jobs (organization_id, id, kind, key, payload, state, due_at, attempts, max_attempts, every,
	claim, worker, progress_done, progress_total, cursor, last_error, result, user_id, created_at, updated_at)
	VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7, 0, 0, '', 0, 0, '', '', '', $8, $9, $9)
	ON CONFLICT (organization_id, kind, key) DO UPDATE SET
	due_at = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.due_at
		WHEN jobs.state = 'waiting' AND jobs.due_at > EXCLUDED.due_at THEN EXCLUDED.due_at ELSE jobs.due_at END,
	payload = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.payload ELSE jobs.payload END,
	attempts = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN 0 ELSE jobs.attempts END,
	max_attempts = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.max_attempts ELSE jobs.max_attempts END,
	progress_done = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN 0 ELSE jobs.progress_done END,
	progress_total = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN 0 ELSE jobs.progress_total END,
	cursor = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN '' ELSE jobs.cursor END,
	last_error = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN '' ELSE jobs.last_error END,
	result = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN '' ELSE jobs.result END,
	user_id = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.user_id ELSE jobs.user_id END,
	created_at = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN EXCLUDED.created_at ELSE jobs.created_at END,
	started_at = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN NULL ELSE jobs.started_at END,
	finished_at = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN NULL ELSE jobs.finished_at END,
	updated_at = EXCLUDED.updated_at,
	state = CASE WHEN jobs.state IN ('done', 'failed', 'cancelled') THEN 'waiting' ELSE jobs.state END
	RETURNING id
-- +statement EnsureJob, organization
INSERT INTO jobs (organization_id, id, kind, key, payload, state, due_at, attempts, max_attempts, every,
		claim, worker, progress_done, progress_total, cursor, last_error, result, created_at, updated_at)
		VALUES ($1, $2, $3, $4, '{}', 'waiting', $5, 0, 0, $6, 0, '', 0, 0, '', '', '', $7, $7)
		ON CONFLICT (organization_id, kind, key) DO NOTHING
-- +statement Failures, installation
SELECT failures FROM signin_failures WHERE failure_key = $1 AND since > $2
-- +statement FinishJob, organization
UPDATE jobs SET state = $5, due_at = NULL, every = 0, result = $6, last_error = $7,
		finished_at = $8, updated_at = $8 WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'
-- +statement FinishJob, organization
UPDATE jobs SET state = 'waiting', due_at = $5, every = $6, attempts = 0, progress_done = 0,
			progress_total = 0, cursor = '', result = $7, last_error = $8, finished_at = $9, updated_at = $9
			WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'
-- +statement ForgetFailures, installation
DELETE FROM signin_failures WHERE failure_key = $1
-- +statement ForgetJobs, organization
DELETE FROM jobs WHERE organization_id = $1 AND id > $2 AND id <= $3 AND finished_at < $4
		AND every = 0 AND state IN ('done', 'failed', 'cancelled')
-- +statement ForgetJobs, organization
SELECT id FROM jobs WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3
-- +statement ForgetNotices, organization
DELETE FROM notifications WHERE organization_id = $1 AND id > $2 AND id <= $3 AND created_at < $4
-- +statement ForgetNotices, organization
SELECT id FROM notifications WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3
-- +statement ForgetOldFailures, installation
DELETE FROM signin_failures WHERE since <= $1
-- +statement ForgetTickets, organization
DELETE FROM request_tickets WHERE organization_id = $1 AND (user_id, ticket) > ($2, $3)
		AND (user_id, ticket) <= ($4, $5) AND created_at < $6
-- +statement ForgetTickets, organization
SELECT user_id, ticket FROM request_tickets WHERE organization_id = $1 AND (user_id, ticket) > ($2, $3)
		ORDER BY user_id, ticket LIMIT 1 OFFSET $4
-- +statement ForgetTokens, installation
DELETE FROM tokens WHERE last_used_at < $1 AND state <> 'live'
-- +statement GeneratedLoads, installation
SELECT organization_id, parameters, planned, done FROM generated_loads ORDER BY organization_id
-- +statement GiveBackJob, organization
UPDATE jobs SET state = 'waiting', due_at = $5, attempts = attempts - 1, updated_at = $5
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'
-- +statement GiveLease, installation
UPDATE leases SET expires_at = 0 WHERE name = $1 AND holder = $2
-- +statement Held, organization
SELECT count(*) FROM customer_assistants WHERE organization_id = $1 AND user_id = $2
-- +statement Held, organization
SELECT count(*) FROM customers WHERE organization_id = $1 AND user_id = $2
-- +statement Held, organization
SELECT count(*) FROM leads WHERE organization_id = $1 AND user_id = $2
-- +statement HeldCustomers, organization
SELECT id, user_id, category, status, home_pool_id, revisit_at, owned_at, created_at
		FROM customers WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
-- +statement HeldLeads, organization
SELECT id, user_id, home_pool_id, turned_customer_id, revisit_at, owned_at, created_at
		FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
-- +statement HideLabel, organization
UPDATE labels SET deleted_at = $3 WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL
-- +statement Identity, installation
SELECT organization_id, user_id FROM identities WHERE login_key = $1
-- +statement Job, organization
SELECT id, kind, key, payload, state, due_at, attempts, max_attempts, every, claim, worker, progress_done,
	progress_total, cursor, last_error, result, user_id, created_at, updated_at, started_at, finished_at FROM jobs WHERE organization_id = $1 AND id = $2
-- +statement JobOf, organization
SELECT id FROM jobs WHERE organization_id = $1 AND kind = $2 AND key = $3
-- +statement JobProgress, organization
UPDATE jobs SET progress_done = $5, progress_total = $6, cursor = $7, updated_at = $8
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'
-- +statement Jobs, organization
SELECT id, kind, key, payload, state, due_at, attempts, max_attempts, every, claim, worker, progress_done,
	progress_total, cursor, last_error, result, user_id, created_at, updated_at, started_at, finished_at FROM jobs WHERE organization_id = $1 AND id < $2 AND ($3 = '' OR kind = $3)
		AND ($4 = '' OR state = $4) ORDER BY id DESC LIMIT $5
-- +statement KeepJob, organization
UPDATE jobs SET due_at = $5, progress_done = $6, progress_total = $7, updated_at = $8
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'
-- +statement LabelFeed, organization
SELECT customer_id, label_id FROM customer_labels WHERE organization_id = $1 AND customer_id > $2
		AND customer_id <= $3 ORDER BY customer_id, label_id
-- +statement LabelledAfter, organization
SELECT customer_id, label_id FROM customer_labels WHERE organization_id = $1
		AND (customer_id, label_id) > ($2, $3) ORDER BY customer_id, label_id LIMIT $4
-- +statement LeadFeed, organization
SELECT id, user_id, creator_id, department_id, name, status, source, pool_id, home_pool_id, turned_customer_id,
	turned_at, revisit_at, revisit_remind_at, flow_into_at, owned_at, created_at, updated_at, province_id, city_id, district_id
	FROM leads WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
-- +statement LeadsAfter, organization
SELECT id, user_id, creator_id, department_id, name, name_pinyin, company_name, status, source, department, job,
	note, pool_id, before_user_id, before_department_id, before_pool_id, home_pool_id, flow_into_at, owned_at, revisit_at,
	revisit_remind_at, turned_customer_id, turned_at, card_attachment_id, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
-- +statement LeadsByName, organization
SELECT id, user_id, department_id, pool_id, turned_customer_id FROM leads
		WHERE organization_id = $1 AND name = $2 ORDER BY id
-- +statement LeadsOf, organization
SELECT id, user_id, creator_id, department_id, name, name_pinyin, company_name, status, source, department, job,
	note, pool_id, before_user_id, before_department_id, before_pool_id, home_pool_id, flow_into_at, owned_at, revisit_at,
	revisit_remind_at, turned_customer_id, turned_at, card_attachment_id, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at FROM leads WHERE organization_id = $1 AND id = $2
-- +statement LeadsOwnedBy, organization
SELECT id FROM leads WHERE organization_id = $1 AND user_id = $2 AND id > $3 ORDER BY id LIMIT $4
-- +statement Lease, installation
INSERT INTO leases (name, holder, fencing, expires_at) VALUES ($1, $2, 1, $3)
	ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at,
	fencing = CASE WHEN leases.holder = EXCLUDED.holder THEN leases.fencing ELSE leases.fencing + 1 END
	WHERE leases.expires_at <= $4 OR leases.holder = EXCLUDED.holder RETURNING fencing
-- +statement Logs, organization
SELECT id, user_id, entity, entity_id, action, changes, request_id, remote_address, created_at
	FROM operation_logs WHERE organization_id = $1 AND +created_at BETWEEN $2 AND $3 AND (+created_at < $3 OR id < $4)
	AND ($5 = '' OR action = $5) AND entity = $8 AND entity_id = $9 AND ($10 = 0 OR user_id = $10) ORDER BY +created_at DESC, id DESC LIMIT $6 OFFSET $7
-- +statement Logs, organization
SELECT id, user_id, entity, entity_id, action, changes, request_id, remote_address, created_at
	FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3 AND (created_at < $3 OR id < $4) AND ($5 = '' OR action = $5) AND entity = $8 ORDER BY created_at DESC, id DESC LIMIT $6 OFFSET $7
-- +statement Logs, organization
SELECT id, user_id, entity, entity_id, action, changes, request_id, remote_address, created_at
	FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3 AND (created_at < $3 OR id < $4) AND ($5 = '' OR action = $5) AND user_id = $8 AND ($9 = '' OR entity = $9) ORDER BY created_at DESC, id DESC LIMIT $6 OFFSET $7
-- +statement Logs, organization
SELECT id, user_id, entity, entity_id, action, changes, request_id, remote_address, created_at
	FROM operation_logs WHERE organization_id = $1 AND created_at BETWEEN $2 AND $3 AND (created_at < $3 OR id < $4) AND ($5 = '' OR action = $5) ORDER BY created_at DESC, id DESC LIMIT $6 OFFSET $7
-- +statement NamedKeys, organization
SELECT blob_key FROM attachments WHERE organization_id = $1 AND blob_key = $2
-- +statement Notices, organization
SELECT id, user_id, kind, entity, entity_id, content, created_at, read_at FROM notifications
		WHERE organization_id = $1 AND user_id = $2 AND (read_at IS NULL OR $3 = FALSE) ORDER BY id DESC LIMIT $4 OFFSET $5
-- +statement Organizations, everyone
SELECT organization_id, name, version, directory_version, created_at FROM organizations
			ORDER BY organization_id
-- +statement OrganizationsInUse, installation
SELECT DISTINCT organization_id FROM tokens WHERE state = 'live' AND last_used_at > $1
			ORDER BY organization_id
-- +statement OrganizationsUnset, everyone
SELECT organization_id, settings FROM organizations WHERE organization_id > $1
			ORDER BY organization_id LIMIT $2
-- +statement OrganizationsWithoutJob, everyone
SELECT o.organization_id FROM organizations o WHERE o.organization_id > $1 AND NOT EXISTS (
			SELECT 1 FROM jobs j WHERE j.organization_id = o.organization_id AND j.kind = $2 AND j.key = $3)
			ORDER BY o.organization_id LIMIT $4
-- +statement OwnedCustomers, organization
SELECT count(*) FROM customers WHERE organization_id = $1 AND user_id = $2 AND category = $3
-- +statement ParentOf, organization
SELECT parent_id FROM customers WHERE organization_id = $1 AND id = $2
-- +statement PasswordHash, organization
SELECT password_hash FROM users WHERE organization_id = $1 AND id = $2
-- +statement PauseJob, organization
UPDATE jobs SET state = 'paused', due_at = NULL, updated_at = $3,
		attempts = attempts - CASE WHEN state = 'running' THEN 1 ELSE 0 END
		WHERE organization_id = $1 AND id = $2 AND state IN ('waiting', 'running') RETURNING kind
-- +statement Ping, installation
SELECT count(*) FROM installation
-- +statement RateBudget, organization
SELECT state, revision FROM rate_budgets WHERE organization_id = $1 AND name = $2
-- +statement ReadNotice, organization
SELECT id FROM notifications WHERE organization_id = $1 AND id = $2 AND user_id = $3
-- +statement ReadNotice, organization
UPDATE notifications SET read_at = $4 WHERE organization_id = $1 AND id = $2 AND user_id = $3
		AND read_at IS NULL
-- +statement ReadNotices, organization
UPDATE notifications SET read_at = $3 WHERE organization_id = $1 AND user_id = $2 AND read_at IS NULL
-- +statement RecordsWithKey, organization
SELECT record_id FROM duplicate_keys WHERE organization_id = $1 AND rule_id = $2 AND key = $3
		ORDER BY record_id LIMIT $4
-- +statement RemoveCustomerLabel, organization
DELETE FROM customer_labels WHERE organization_id = $1 AND customer_id = $2 AND label_id = $3
-- +statement RemoveCustomerLabel, organization
UPDATE customers SET labelled = $3 WHERE organization_id = $1 AND id = $2
-- +statement ResumeJob, organization
UPDATE jobs SET state = 'waiting', due_at = $3, updated_at = $3
		WHERE organization_id = $1 AND id = $2 AND state = 'paused' RETURNING kind
-- +statement RetryJob, organization
UPDATE jobs SET state = 'waiting', due_at = $5, last_error = $6, updated_at = $7
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'
-- +statement SessionOf, organization
SELECT token_hash, device_kind, device, version_code, created_at FROM sessions
		WHERE organization_id = $1 AND id = $2 AND user_id = $3
-- +statement Sessions, organization
SELECT id, token_hash, device_kind, device, version_code, created_at FROM sessions
		WHERE organization_id = $1 AND user_id = $2 AND ($3 = '' OR device_kind = $3) ORDER BY id
-- +statement SetAssistants, organization
DELETE FROM customer_assistants WHERE organization_id = $1 AND customer_id = $2
-- +statement SetAttachment, organization
UPDATE attachments SET name = $3, attachmentable_type = $4, attachmentable_id = $5,
		sub_type = $6, note = $7, updated_at = $8 WHERE organization_id = $1 AND id = $2
-- +statement SetAvatar, organization
UPDATE users SET avatar_attachment_id = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2
-- +statement SetContact, organization
UPDATE contacts SET customer_id = $3, creator_id = $4, name = $5, name_pinyin = $6, department = $7, job = $8, category = $9, gender = $10, note = $11, birth_date = $12, card_attachment_id = $13, custom_values = $14, created_at = $15, updated_at = $16, address_id = $17, country_id = $18, province_id = $19, city_id = $20, district_id = $21, tel = $22, phone = $23, email = $24, qq = $25, fax = $26, wechat = $27, wangwang = $28, zip = $29, url = $30, detail_address = $31, lat = $32, lng = $33, address_created_at = $34, address_updated_at = $35 WHERE organization_id = $1 AND id = $2
-- +statement SetCustomField, organization
UPDATE custom_fields SET label = $3, group_id = $4, position = $5, enabled = $6, common = $7,
		required = $8, choices = $9, settings = $10, updated_at = $11 WHERE organization_id = $1 AND id = $2
-- +statement SetCustomer, organization
UPDATE customers SET user_id = $3, creator_id = $4, department_id = $5, parent_id = $6, name = $7, name_pinyin = $8, company_name = $9, note = $10, status = $11, category = $12, source = $13, industry = $14, staff_size = $15, approve_status = $16, custom_field_template_id = $17, pool_id = $18, home_pool_id = $19, before_pool_id = $20, before_user_id = $21, before_department_id = $22, flow_into_at = $23, owned_at = $24, status_updated_at = $25, submit_applying_at = $26, finish_approve_at = $27, revisit_remind_at = $28, lead_id = $29, labelled = $30, revisit_at = $31, custom_values = $32, created_at = $33, updated_at = $34, address_id = $35, country_id = $36, province_id = $37, city_id = $38, district_id = $39, tel = $40, phone = $41, email = $42, qq = $43, fax = $44, wechat = $45, wangwang = $46, zip = $47, url = $48, detail_address = $49, lat = $50, lng = $51, address_created_at = $52, address_updated_at = $53 WHERE organization_id = $1 AND id = $2
-- +statement SetCustomerLabels, organization
DELETE FROM customer_labels WHERE organization_id = $1 AND customer_id = $2
-- +statement SetDepartment, organization
UPDATE departments SET name = $3, parent_id = $4, position = $5, updated_at = $6
		WHERE organization_id = $1 AND id = $2
-- +statement SetFieldGroup, organization
INSERT INTO field_groups (organization_id, id, entity, label, position, enabled, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (organization_id, id)
		DO UPDATE SET label = EXCLUDED.label, position = EXCLUDED.position, enabled = EXCLUDED.enabled,
		updated_at = EXCLUDED.updated_at
-- +statement SetFieldSetting, organization
INSERT INTO field_settings (organization_id, entity, template_id, name, settings)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, entity, template_id, name)
		DO UPDATE SET settings = EXCLUDED.settings
-- +statement SetLabel, organization
UPDATE labels SET group_id = $3, name = $4, color = $5, position = $6
		WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL
-- +statement SetLabelGroup, organization
INSERT INTO label_groups (organization_id, id, name, position, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (organization_id, id)
		DO UPDATE SET name = EXCLUDED.name, position = EXCLUDED.position, updated_at = EXCLUDED.updated_at
-- +statement SetLead, organization
UPDATE leads SET user_id = $3, creator_id = $4, department_id = $5, name = $6, name_pinyin = $7, company_name = $8, status = $9, source = $10, department = $11, job = $12, note = $13, pool_id = $14, before_user_id = $15, before_department_id = $16, before_pool_id = $17, home_pool_id = $18, flow_into_at = $19, owned_at = $20, revisit_at = $21, revisit_remind_at = $22, turned_customer_id = $23, turned_at = $24, card_attachment_id = $25, custom_values = $26, created_at = $27, updated_at = $28, address_id = $29, country_id = $30, province_id = $31, city_id = $32, district_id = $33, tel = $34, phone = $35, email = $36, qq = $37, fax = $38, wechat = $39, wangwang = $40, zip = $41, url = $42, detail_address = $43, lat = $44, lng = $45, address_created_at = $46, address_updated_at = $47 WHERE organization_id = $1 AND id = $2
-- +statement SetOption, organization
UPDATE field_options SET label = $3, position = $4, enabled = $5
		WHERE organization_id = $1 AND id = $2
-- +statement SetPassword, organization
UPDATE users SET password_hash = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2
-- +statement SetPool, organization
UPDATE customer_pools SET name = $3, position = $4, settings = $5, updated_at = $6
		WHERE organization_id = $1 AND id = $2
-- +statement SetRateBudget, organization
INSERT INTO rate_budgets (organization_id, name, state, revision) VALUES ($1, $2, $3, $4)
			ON CONFLICT (organization_id, name) DO UPDATE SET state = EXCLUDED.state, revision = EXCLUDED.revision
			WHERE rate_budgets.revision = EXCLUDED.revision - 1
-- +statement SetRole, organization
DELETE FROM role_hidden_fields WHERE organization_id = $1 AND role_id = $2
-- +statement SetRole, organization
DELETE FROM role_rights WHERE organization_id = $1 AND role_id = $2
-- +statement SetRole, organization
UPDATE roles SET name = $3, data_scope = $4, updated_at = $5 WHERE organization_id = $1 AND id = $2
-- +statement SetRuleState, organization
UPDATE duplicate_rules SET state = $3 WHERE organization_id = $1 AND id = $2
-- +statement SetSettings, organization
UPDATE organizations SET settings = $2 WHERE organization_id = $1
-- +statement SetTemplate, organization
UPDATE field_templates SET name = $3, position = $4, enabled = $5, role_ids = $6, updated_at = $7
		WHERE organization_id = $1 AND id = $2
-- +statement SetUser, organization
DELETE FROM user_departments WHERE organization_id = $1 AND user_id = $2
-- +statement SetUser, organization
UPDATE users SET name = $3, email = $4, phone = $5, tel = $6, job = $7, gender = $8, role_id = $9,
		department_id = $10, superior_id = $11, state = $12, avatar_attachment_id = $13, hide_numbers = $14, login = $15,
		updated_at = $16 WHERE organization_id = $1 AND id = $2
-- +statement SetUserState, organization
UPDATE users SET state = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2
-- +statement Settings, organization
SELECT settings FROM organizations WHERE organization_id = $1
-- +statement SignInAddress, organization
SELECT remote_address FROM operation_logs WHERE organization_id = $1 AND entity = 'session' AND entity_id = $2
		AND action = 'sign_in' ORDER BY id LIMIT 1
-- +statement SkipIDs, organization
INSERT INTO id_counters (organization_id, name, next_id) VALUES ($1, $2, $3)
		ON CONFLICT (organization_id, name) DO UPDATE SET next_id = CASE
		WHEN EXCLUDED.next_id > id_counters.next_id THEN EXCLUDED.next_id ELSE id_counters.next_id END
-- +statement TakeIDs, organization
INSERT INTO id_counters (organization_id, name, next_id) VALUES ($1, $2, 1 + $3)
	ON CONFLICT (organization_id, name) DO UPDATE SET next_id = id_counters.next_id + EXCLUDED.next_id - 1
	RETURNING next_id
-- +statement TemplateUsed, organization
SELECT id FROM customers WHERE organization_id = $1 AND custom_field_template_id = $2 LIMIT 1
-- +statement Ticket, organization
SELECT entity, entity_id, digest, answer FROM request_tickets
		WHERE organization_id = $1 AND user_id = $2 AND ticket = $3
-- +statement Token, installation
SELECT organization_id, user_id, session_id, state, created_at, last_used_at FROM tokens
		WHERE token_hash = $1
-- +statement Told, organization
SELECT count(*) FROM notifications WHERE organization_id = $1 AND entity = $2 AND entity_id = $3
		AND user_id = $4 AND kind = $5 AND created_at >= $6
-- +statement TouchTokens, installation
UPDATE tokens SET last_used_at = $2 WHERE token_hash = $1 AND last_used_at < $2
-- +statement WholeContactsOf, organization
SELECT id, customer_id, creator_id, name, name_pinyin, department, job, category, gender, note, birth_date,
	card_attachment_id, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM contacts WHERE organization_id = $1 AND customer_id = $2 ORDER BY id
-- +statement addRoleRights, organization
INSERT INTO role_hidden_fields (organization_id, role_id, field, hidden_on)
			VALUES ($1, $2, $3, $4)
-- +statement addRoleRights, organization
INSERT INTO role_rights (organization_id, role_id, operation) VALUES ($1, $2, $3)
-- +statement addUserDepartments, organization
INSERT INTO user_departments (organization_id, user_id, department_id) VALUES ($1, $2, $3)
-- +statement change, organization
UPDATE organizations SET version = version + $2, directory_version = directory_version + $3,
		sessions_version = sessions_version + $4 WHERE organization_id = $1
		RETURNING version, directory_version, sessions_version
-- +statement customAfter, organization
SELECT id, custom_values FROM contacts WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
-- +statement customAfter, organization
SELECT id, custom_values FROM customers WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
-- +statement customAfter, organization
SELECT id, custom_values FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
-- +statement feedTables, organization
SELECT count(*) FROM contacts WHERE organization_id = $1
-- +statement feedTables, organization
SELECT count(*) FROM customers WHERE organization_id = $1
-- +statement feedTables, organization
SELECT count(*) FROM leads WHERE organization_id = $1
-- +statement feedTables, organization
SELECT id FROM contacts WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3
-- +statement feedTables, organization
SELECT id FROM customers WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3
-- +statement feedTables, organization
SELECT id FROM leads WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3
-- +statement fillRegions, installation
INSERT INTO regions (level, id, parent_id, name, pinyin, gb_code, retired)
				VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (level, id) DO UPDATE SET parent_id = EXCLUDED.parent_id,
				name = EXCLUDED.name, pinyin = EXCLUDED.pinyin, gb_code = EXCLUDED.gb_code, retired = EXCLUDED.retired
-- +statement fillRegions, installation
SELECT count(*) FROM regions
-- +statement gate, organization
SELECT count(*) FROM jobs WHERE organization_id = $1 AND kind = $2 AND due_at > $3 AND state = 'running'
-- +statement insertLog, organization
INSERT INTO operation_logs (organization_id, id, user_id, entity, entity_id, action, changes,
	request_id, remote_address, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
-- +statement load, installation
UPDATE installation SET value = value WHERE name = $1
-- +statement loadDepartments, organization
SELECT id, parent_id, name, position FROM departments WHERE organization_id = $1
-- +statement loadFields, organization
SELECT id, entity, name, label, kind, group_id, position, enabled, common, required, choices, settings
		FROM custom_fields WHERE organization_id = $1 ORDER BY entity, position, id
-- +statement loadForms, organization
SELECT entity, template_id, name, settings FROM field_settings WHERE organization_id = $1
-- +statement loadForms, organization
SELECT id, entity, label, position, enabled FROM field_groups WHERE organization_id = $1
		ORDER BY entity, position, id
-- +statement loadForms, organization
SELECT id, entity, name, position, enabled, role_ids FROM field_templates WHERE organization_id = $1
-- +statement loadLabels, organization
SELECT id, group_id, name, color, position FROM labels WHERE organization_id = $1 AND deleted_at IS NULL
-- +statement loadLabels, organization
SELECT id, name, position FROM label_groups WHERE organization_id = $1
-- +statement loadOptions, organization
SELECT id, entity, field, label, position, enabled, meaning FROM field_options
		WHERE organization_id = $1
-- +statement loadPools, organization
SELECT id, entity, name, position, settings, created_at, updated_at FROM customer_pools
		WHERE organization_id = $1
-- +statement loadRoles, organization
SELECT id, name, data_scope, is_super FROM roles WHERE organization_id = $1
-- +statement loadRoles, organization
SELECT role_id, field, hidden_on FROM role_hidden_fields WHERE organization_id = $1
-- +statement loadRoles, organization
SELECT role_id, operation FROM role_rights WHERE organization_id = $1
-- +statement loadRules, organization
SELECT id, entity, field, state FROM duplicate_rules WHERE organization_id = $1
		ORDER BY entity, position, id
-- +statement loadUsers, organization
SELECT u.id, u.name, u.email, u.phone, u.tel, u.job, u.gender, u.role_id, u.department_id,
		u.superior_id, u.state, u.avatar_attachment_id, a.file_name, u.hide_numbers, u.login, u.created_at, u.updated_at
		FROM users u LEFT JOIN attachments a ON a.organization_id = u.organization_id AND a.id = u.avatar_attachment_id
		WHERE u.organization_id = $1
-- +statement loadUsers, organization
SELECT user_id, department_id FROM user_departments WHERE organization_id = $1
		ORDER BY user_id, department_id
-- +statement logColumns, organization
SELECT id, user_id, entity, entity_id, action, changes, request_id, remote_address, created_at
	FROM operation_logs WHERE organization_id = $1
-- +statement logCount, organization
SELECT count(*) FROM operation_logs WHERE organization_id = $1
-- +statement look, installation
SELECT pg_is_in_recovery(), coalesce((pg_last_wal_replay_lsn() - '0/0')::bigint, 0),
	coalesce((SELECT value FROM installation WHERE name = 'timeline'), '')
-- +statement mark, installation
INSERT INTO installation (name, value) VALUES ('timeline', $1)
			ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value
-- +statement nextOrganization, installation
INSERT INTO installation (name, value) VALUES ('last_organization', $1)
		ON CONFLICT (name) DO UPDATE SET value = CASE
		WHEN CAST(EXCLUDED.value AS BIGINT) > CAST(installation.value AS BIGINT) THEN EXCLUDED.value
		ELSE CAST(CAST(installation.value AS BIGINT) + 1 AS TEXT) END RETURNING value
-- +statement nextOrganization, everyone
SELECT max(organization_id) FROM organizations
-- +statement prepare, installation
INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING
-- +statement readFacts, installation
SELECT name, value FROM installation
-- +statement readVersions, everyone
SELECT organization_id, version, directory_version, sessions_version
	FROM organizations WHERE organization_id = ANY($1::bigint[])
-- +statement setCustom, organization
UPDATE contacts SET custom_values = $3 WHERE organization_id = $1 AND id = $2
-- +statement setCustom, organization
UPDATE customers SET custom_values = $3 WHERE organization_id = $1 AND id = $2
-- +statement setCustom, organization
UPDATE leads SET custom_values = $3 WHERE organization_id = $1 AND id = $2
