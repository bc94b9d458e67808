package store

// Class says where a table lives when the database is spread over several
// machines, and so which rules its keys and statements obey.
type Class string

// The classes of tables.
const (
	// Tenant tables are keyed by organization_id first; every statement names
	// it.
	Tenant Class = "tenant"
	// Identity tables find the organization of somebody who signs in, by a key
	// that is unique on the whole installation.
	Identity Class = "identity"
	// Reference tables are small, seldom written and the same everywhere.
	Reference Class = "reference"
	// Local tables belong to the installation itself.
	Local Class = "local"
)

// Tables gives every table of the schema its class. A table that is not here
// fails the tests.
func Tables() map[string]Class {
	return map[string]Class{
		"organizations": Tenant, "id_counters": Tenant, "departments": Tenant, "roles": Tenant, "role_rights": Tenant,
		"role_hidden_fields": Tenant, "users": Tenant, "user_departments": Tenant, "sessions": Tenant,
		"field_options": Tenant, "custom_fields": Tenant, "labels": Tenant, "customer_pools": Tenant, "customers": Tenant,
		"customer_labels": Tenant, "customer_assistants": Tenant, "contacts": Tenant, "attachments": Tenant,
		"operation_logs": Tenant, "request_tickets": Tenant,

		"identities": Identity, "tokens": Identity,

		"regions": Reference,

		"installation": Local, "generated_loads": Local,
		"goose_db_version": Local, // the migrations that have run
	}
}
