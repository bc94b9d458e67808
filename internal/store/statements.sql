-- Every statement that the program runs on its tables. Made by
--   go test ./internal/store -run TestStatementsAreRegistered -update

-- +statement AddAssistant, organization
INSERT INTO customer_assistants (organization_id, customer_id, user_id) VALUES ($1, $2, $3)
-- +statement AddAttachment, organization
INSERT INTO attachments (organization_id, id, name, attachmentable_type, attachmentable_id,
		file_name, content_type, file_size, user_id, blob_key, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
-- +statement AddContact, organization
INSERT INTO contacts (organization_id, id, customer_id, creator_id, name, name_pinyin, department, job, category, gender, note, birth_date,
	card_attachment_id, custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, address_created_at, address_updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35)
-- +statement AddCustomField, organization
INSERT INTO custom_fields (organization_id, id, entity, name, label, kind, position, enabled,
		required, choices, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
-- +statement AddCustomer, organization
INSERT INTO customers (organization_id, id, user_id, creator_id, department_id, parent_id, name, name_pinyin, company_name, note, status,
	category, source, industry, staff_size, approve_status, custom_field_template_id, pool_id, labelled, revisit_at,
	custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, address_created_at, address_updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42)
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
-- +statement AddLabel, organization
INSERT INTO labels (organization_id, id, name, color, position) VALUES ($1, $2, $3, $4, $5)
-- +statement AddOption, organization
INSERT INTO field_options (organization_id, id, entity, field, label, position, enabled, meaning)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
-- +statement AddOrganization, organization
INSERT INTO organizations (organization_id, name, version, directory_version, created_at, updated_at)
		VALUES ($1, $2, 0, 0, $3, $3)
-- +statement AddPool, organization
INSERT INTO customer_pools (organization_id, id, name, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $4)
-- +statement AddRole, organization
INSERT INTO role_hidden_fields (organization_id, role_id, field, hidden_on)
			VALUES ($1, $2, $3, $4)
-- +statement AddRole, organization
INSERT INTO role_rights (organization_id, role_id, operation) VALUES ($1, $2, $3)
-- +statement AddRole, organization
INSERT INTO roles (organization_id, id, name, data_scope, is_super, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)
-- +statement AddSession, organization
INSERT INTO sessions (organization_id, id, user_id, token_hash, device_kind, device, version_code,
		created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
-- +statement AddSession, installation
INSERT INTO tokens (token_hash, organization_id, user_id, session_id, state, created_at, last_used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)
-- +statement AddTicket, organization
INSERT INTO request_tickets (organization_id, user_id, ticket, entity, entity_id, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
-- +statement AddUser, organization
INSERT INTO user_departments (organization_id, user_id, department_id) VALUES ($1, $2, $3)
-- +statement AddUser, organization
INSERT INTO users (organization_id, id, name, email, phone, tel, job, gender, role_id,
		department_id, superior_id, state, avatar_attachment_id, hide_numbers, password_hash, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
-- +statement AdvanceLoad, installation
UPDATE generated_loads SET done = $3 WHERE organization_id = $1 AND done = $2
-- +statement Alone, organization
SELECT version FROM organizations WHERE organization_id = $1 FOR NO KEY UPDATE
-- +statement Assistants, organization
SELECT user_id FROM customer_assistants WHERE organization_id = $1 AND customer_id = $2
	ORDER BY user_id
-- +statement Attachment, organization
SELECT id, name, attachmentable_type, attachmentable_id, file_name, content_type, file_size,
	user_id, blob_key, created_at, updated_at FROM attachments WHERE organization_id = $1 AND id = $2
-- +statement BeginLoad, installation
INSERT INTO generated_loads (organization_id, parameters, planned, done) VALUES ($1, $2, $3, 0)
-- +statement CancelJob, organization
UPDATE jobs SET state = 'cancelled', due_at = NULL, finished_at = $3, updated_at = $3
		WHERE organization_id = $1 AND id = $2 AND state IN ('waiting', 'running', 'paused') RETURNING kind
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
	c.id, c.user_id, c.creator_id, c.department_id, c.name, c.name_pinyin, c.company_name, c.status, c.category,
	c.approve_status, c.revisit_at, c.created_at, c.updated_at, c.address_id, c.country_id, c.province_id, c.city_id,
	c.district_id, c.tel, c.phone, c.email, c.qq, c.url, c.detail_address, c.lat, c.lng, c.lat IS NOT NULL
	FROM contacts k CROSS JOIN customers c CROSS JOIN contacts s
	WHERE k.organization_id = $1 AND k.id = $2
	AND c.organization_id = k.organization_id AND c.id = k.customer_id
	AND s.organization_id = k.organization_id AND s.customer_id = k.customer_id
-- +statement ContactsOf, organization
SELECT id, name, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM contacts WHERE organization_id = $1 AND customer_id = $2 ORDER BY id
-- +statement Customer, organization
SELECT id, user_id, creator_id, department_id, parent_id, name, name_pinyin, company_name, note, status,
	category, source, industry, staff_size, approve_status, custom_field_template_id, pool_id, labelled, revisit_at,
	custom_values, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, fax, wechat,
	wangwang, zip, url, detail_address, lat, lng, lat IS NOT NULL, address_created_at, address_updated_at
		FROM customers WHERE organization_id = $1 AND id = $2
-- +statement CustomerInShort, organization
SELECT id, user_id, creator_id, department_id, name, name_pinyin, company_name, status, category,
		approve_status, revisit_at, created_at, updated_at, address_id, country_id, province_id, city_id, district_id, tel, phone, email, qq, url,
	detail_address, lat, lng, lat IS NOT NULL
		FROM customers WHERE organization_id = $1 AND id = $2
-- +statement CustomerLabels, organization
SELECT label_id FROM customer_labels WHERE organization_id = $1 AND customer_id = $2 ORDER BY label_id
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
-- +statement Directory, organization
SELECT organization_id, name, version, directory_version, sessions_version, created_at
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
-- +statement Lease, installation
INSERT INTO leases (name, holder, fencing, expires_at) VALUES ($1, $2, 1, $3)
	ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at,
	fencing = CASE WHEN leases.holder = EXCLUDED.holder THEN leases.fencing ELSE leases.fencing + 1 END
	WHERE leases.expires_at <= $4 OR leases.holder = EXCLUDED.holder RETURNING fencing
-- +statement Log, organization
INSERT INTO operation_logs (organization_id, id, user_id, entity, entity_id, action, changes,
		request_id, remote_address, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
-- +statement Organizations, everyone
SELECT organization_id, name, version, directory_version, created_at FROM organizations
			ORDER BY organization_id
-- +statement OrganizationsWithoutJob, everyone
SELECT o.organization_id FROM organizations o WHERE o.organization_id > $1 AND NOT EXISTS (
			SELECT 1 FROM jobs j WHERE j.organization_id = o.organization_id AND j.kind = $2 AND j.key = $3)
			ORDER BY o.organization_id LIMIT $4
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
-- +statement ResumeJob, organization
UPDATE jobs SET state = 'waiting', due_at = $3, updated_at = $3
		WHERE organization_id = $1 AND id = $2 AND state = 'paused' RETURNING kind
-- +statement RetryJob, organization
UPDATE jobs SET state = 'waiting', due_at = $5, last_error = $6, updated_at = $7
		WHERE organization_id = $1 AND id = $2 AND claim = $3 AND worker = $4 AND state = 'running'
-- +statement Sessions, organization
SELECT id, token_hash, device_kind, device, version_code, created_at FROM sessions
		WHERE organization_id = $1 AND user_id = $2 AND ($3 = '' OR device_kind = $3) ORDER BY id
-- +statement SetAttachmentOwner, organization
UPDATE attachments SET attachmentable_type = $3, attachmentable_id = $4
		WHERE organization_id = $1 AND id = $2
-- +statement SetPassword, organization
UPDATE users SET password_hash = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2
-- +statement SetRateBudget, organization
INSERT INTO rate_budgets (organization_id, name, state, revision) VALUES ($1, $2, $3, $4)
			ON CONFLICT (organization_id, name) DO UPDATE SET state = EXCLUDED.state, revision = EXCLUDED.revision
			WHERE rate_budgets.revision = EXCLUDED.revision - 1
-- +statement SetUserState, organization
UPDATE users SET state = $3, updated_at = $4 WHERE organization_id = $1 AND id = $2
-- +statement SkipIDs, organization
INSERT INTO id_counters (organization_id, name, next_id) VALUES ($1, $2, $3)
		ON CONFLICT (organization_id, name) DO UPDATE SET next_id = CASE
		WHEN EXCLUDED.next_id > id_counters.next_id THEN EXCLUDED.next_id ELSE id_counters.next_id END
-- +statement TakeIDs, organization
INSERT INTO id_counters (organization_id, name, next_id) VALUES ($1, $2, 1 + $3)
	ON CONFLICT (organization_id, name) DO UPDATE SET next_id = id_counters.next_id + EXCLUDED.next_id - 1
	RETURNING next_id
-- +statement Ticket, organization
SELECT entity, entity_id FROM request_tickets
		WHERE organization_id = $1 AND user_id = $2 AND ticket = $3
-- +statement Token, installation
SELECT organization_id, user_id, session_id, state, created_at, last_used_at FROM tokens
		WHERE token_hash = $1
-- +statement TouchTokens, installation
UPDATE tokens SET last_used_at = $2 WHERE token_hash = $1 AND last_used_at < $2
-- +statement change, organization
UPDATE organizations SET version = version + $2, directory_version = directory_version + $3,
		sessions_version = sessions_version + $4 WHERE organization_id = $1
		RETURNING version, directory_version, sessions_version
-- +statement fillRegions, installation
INSERT INTO regions (level, id, parent_id, name, pinyin, gb_code, retired)
				VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (level, id) DO UPDATE SET parent_id = EXCLUDED.parent_id,
				name = EXCLUDED.name, pinyin = EXCLUDED.pinyin, gb_code = EXCLUDED.gb_code, retired = EXCLUDED.retired
-- +statement fillRegions, installation
SELECT count(*) FROM regions
-- +statement gate, organization
SELECT count(*) FROM jobs WHERE organization_id = $1 AND kind = $2 AND due_at > $3 AND state = 'running'
-- +statement load, installation
UPDATE installation SET value = value WHERE name = $1
-- +statement loadDepartments, organization
SELECT id, parent_id, name, position FROM departments WHERE organization_id = $1
-- +statement loadFields, organization
SELECT id, entity, name, label, kind, position, enabled, required, choices FROM custom_fields
		WHERE organization_id = $1 ORDER BY entity, position, id
-- +statement loadLabels, organization
SELECT id, name, color FROM labels WHERE organization_id = $1
-- +statement loadOptions, organization
SELECT id, entity, field, label, position, enabled, meaning FROM field_options
		WHERE organization_id = $1
-- +statement loadPools, organization
SELECT id, name FROM customer_pools WHERE organization_id = $1
-- +statement loadRoles, organization
SELECT id, name, data_scope, is_super FROM roles WHERE organization_id = $1
-- +statement loadRoles, organization
SELECT role_id, field, hidden_on FROM role_hidden_fields WHERE organization_id = $1
-- +statement loadRoles, organization
SELECT role_id, operation FROM role_rights WHERE organization_id = $1
-- +statement loadUsers, organization
SELECT u.id, u.name, u.email, u.phone, u.tel, u.job, u.gender, u.role_id, u.department_id,
		u.superior_id, u.state, u.avatar_attachment_id, a.file_name, u.hide_numbers, u.created_at, u.updated_at
		FROM users u LEFT JOIN attachments a ON a.organization_id = u.organization_id AND a.id = u.avatar_attachment_id
		WHERE u.organization_id = $1
-- +statement loadUsers, organization
SELECT user_id, department_id FROM user_departments WHERE organization_id = $1
		ORDER BY user_id, department_id
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
-- +statement readOne, organization
SELECT version, directory_version, sessions_version FROM organizations WHERE organization_id = $1
-- +statement readVersions, everyone
SELECT organization_id, version, directory_version, sessions_version
	FROM organizations WHERE organization_id = ANY($1::bigint[])
