package store

import "fmt"

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

// Table is a table of the schema and how it is spread.
type Table struct {
	Name  string
	Class Class
	// Key is the column by which the rows are spread; empty where they are not.
	Key string
}

// Tables gives every table of the schema. A table that is not here fails the
// tests.
func Tables() []Table { return append([]Table{}, registry...) }

// registry holds organizations first: the others lie beside it.
var registry = []Table{
	tenant("organizations"), tenant("id_counters"), tenant("departments"), tenant("roles"), tenant("role_rights"),
	tenant("role_hidden_fields"), tenant("users"), tenant("user_departments"), tenant("sessions"), tenant("field_options"),
	tenant("custom_fields"), tenant("labels"), tenant("customer_pools"), tenant("customers"), tenant("customer_labels"),
	tenant("customer_assistants"), tenant("contacts"), tenant("attachments"), tenant("operation_logs"),
	tenant("request_tickets"), tenant("jobs"), tenant("rate_budgets"), tenant("label_groups"), tenant("field_groups"),
	tenant("field_templates"), tenant("field_settings"), tenant("leads"), tenant("duplicate_rules"),
	tenant("duplicate_keys"), tenant("notifications"),

	{"identities", Identity, "login_key"}, {"tokens", Identity, "token_hash"}, {"signin_failures", Identity, "failure_key"},

	{"regions", Reference, ""},

	{"installation", Local, ""}, {"generated_loads", Local, ""}, {"leases", Local, ""}, {"moves", Local, ""},
	{migrationsTable, Local, ""}, // the migrations that have run
}

const migrationsTable = "goose_db_version"

func tenant(name string) Table { return Table{name, Tenant, "organization_id"} }

// distribution is the statement that gives the table its place on Citus; empty
// for a table that stays where it was made.
func (t Table) distribution() string {
	switch {
	case t.Class == Tenant && t.Name == registry[0].Name, t.Class == Identity:
		return fmt.Sprintf(`SELECT create_distributed_table('%s', '%s', colocate_with => 'none')`, t.Name, t.Key)
	case t.Class == Tenant:
		return fmt.Sprintf(`SELECT create_distributed_table('%s', '%s', colocate_with => '%s')`, t.Name, t.Key, registry[0].Name)
	case t.Class == Reference:
		return fmt.Sprintf(`SELECT create_reference_table('%s')`, t.Name)
	}
	return ""
}
