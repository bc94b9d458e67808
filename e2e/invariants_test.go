package e2e

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// logged begins a query: records that there are, and how often the operation
// log says that each was made and that it was deleted.
const logged = `WITH records AS (
	SELECT organization_id || ' customer ' || id AS record FROM customers
	UNION ALL SELECT organization_id || ' contact ' || id FROM contacts
	UNION ALL SELECT organization_id || ' lead ' || id FROM leads
), made AS (
	SELECT organization_id || ' ' || entity || ' ' || entity_id AS record FROM operation_logs
	WHERE entity IN ('customer', 'contact', 'lead') AND action = 'create'
), gone AS (
	SELECT organization_id || ' ' || entity || ' ' || entity_id AS record FROM operation_logs
	WHERE entity IN ('customer', 'contact', 'lead') AND action = 'destroy'
) `

// keyed begins a query: every value that takes part in the check for duplicates,
// by the id of its rule. Fields of the organization's own are in no test here.
const keyed = `WITH vals AS (
	SELECT r.organization_id, r.id AS rule_id, c.id AS record_id FROM duplicate_rules r
	JOIN customers c ON c.organization_id = r.organization_id
	WHERE r.entity = 'customer' AND r.state = 'active' AND
		CASE r.field WHEN 'name' THEN c.name WHEN 'company_name' THEN c.company_name WHEN 'address.phone' THEN c.phone
			WHEN 'address.tel' THEN c.tel END <> ''
	UNION ALL
	SELECT r.organization_id, r.id, k.id FROM duplicate_rules r JOIN contacts k ON k.organization_id = r.organization_id
	WHERE r.entity = 'contact' AND r.state = 'active' AND
		CASE r.field WHEN 'name' THEN k.name WHEN 'address.phone' THEN k.phone WHEN 'address.tel' THEN k.tel END <> ''
	UNION ALL
	SELECT r.organization_id, r.id, l.id FROM duplicate_rules r JOIN leads l ON l.organization_id = r.organization_id
	WHERE r.entity = 'lead' AND r.state = 'active' AND
		CASE r.field WHEN 'name' THEN l.name WHEN 'company_name' THEN l.company_name WHEN 'address.phone' THEN l.phone
			WHEN 'address.tel' THEN l.tel END <> ''
), keys AS (
	SELECT k.organization_id, k.rule_id, k.record_id FROM duplicate_keys k
	JOIN duplicate_rules r ON r.organization_id = k.organization_id AND r.id = k.rule_id AND r.state = 'active'
) `

// invariants are what is true of every database that nobody is writing.
var invariants = []check{
	{"records without their row in the operation log", logged + "SELECT * FROM records EXCEPT SELECT * FROM made"},
	{"records that were made and not deleted, and are gone",
		logged + "SELECT * FROM (SELECT * FROM made EXCEPT SELECT * FROM gone) AS left_over EXCEPT SELECT * FROM records"},
	{"records that were deleted, and are there", logged + "SELECT * FROM records INTERSECT SELECT * FROM gone"},
	{"records that were deleted, and never made", logged + "SELECT * FROM gone EXCEPT SELECT * FROM made"},
	{"records made more than once", logged + "SELECT record FROM made GROUP BY record HAVING count(*) > 1"},
	{"records deleted more than once", logged + "SELECT record FROM gone GROUP BY record HAVING count(*) > 1"},
	{"records given twice the same id", logged + "SELECT record FROM records GROUP BY record HAVING count(*) > 1"},
	{"versions of an organization that are not in its log", `SELECT o.organization_id || ': ' || o.version || ' versions, ' ||
		(SELECT count(DISTINCT l.version) FROM operation_logs l WHERE l.organization_id = o.organization_id AND l.version > 0)
		FROM organizations o WHERE o.version <>
		(SELECT count(DISTINCT l.version) FROM operation_logs l WHERE l.organization_id = o.organization_id AND l.version > 0)
		OR o.version < (SELECT max(l.version) FROM operation_logs l WHERE l.organization_id = o.organization_id)`},
	{"tickets without their answer", "SELECT ticket FROM request_tickets WHERE answer = '' OR digest = ''"},
	{"address ids given twice", `SELECT address_id FROM (SELECT organization_id, address_id FROM customers
		UNION ALL SELECT organization_id, address_id FROM contacts UNION ALL SELECT organization_id, address_id FROM leads) AS addresses
		GROUP BY organization_id, address_id HAVING count(*) > 1`},
	{"names given twice", "SELECT name FROM customers GROUP BY organization_id, name HAVING count(*) > 1"},
	{"contacts without a customer", `SELECT k.organization_id || ' ' || k.id FROM contacts k LEFT JOIN customers c
		ON c.organization_id = k.organization_id AND c.id = k.customer_id WHERE c.id IS NULL`},
	{"customers whose flag of labels does not fit", `SELECT organization_id || ' ' || id FROM customers c WHERE (labelled = ` + yes + `) <>
		EXISTS (SELECT 1 FROM customer_labels l WHERE l.organization_id = c.organization_id AND l.customer_id = c.id)`},
	{"records with both an owner and a pool, or neither", `SELECT organization_id || ' ' || id FROM customers
		WHERE (user_id IS NULL) <> (pool_id IS NOT NULL)
		UNION ALL SELECT organization_id || ' lead ' || id FROM leads WHERE (user_id IS NULL) <> (pool_id IS NOT NULL)`},
	{"leads whose customer does not know them", `SELECT l.organization_id || ' ' || l.id FROM leads l JOIN customers c
		ON c.organization_id = l.organization_id AND c.id = l.turned_customer_id WHERE c.lead_id IS NULL OR c.lead_id <> l.id`},
	{"customers made twice of one lead", `SELECT organization_id || ' ' || lead_id FROM customers WHERE lead_id IS NOT NULL
		GROUP BY organization_id, lead_id HAVING count(*) > 1`},
	{"records without their key", keyed + "SELECT organization_id || ' ' || rule_id || ' ' || record_id FROM (SELECT * FROM vals EXCEPT SELECT * FROM keys) AS without"},
	{"keys without their record", keyed + "SELECT organization_id || ' ' || rule_id || ' ' || record_id FROM (SELECT * FROM keys EXCEPT SELECT * FROM vals) AS without"},
	{"records with two keys by one rule", keyed + "SELECT rule_id || ' ' || record_id FROM keys GROUP BY organization_id, rule_id, record_id HAVING count(*) > 1"},
	{"keys of rules that are gone", `SELECT k.rule_id FROM duplicate_keys k LEFT JOIN duplicate_rules r
		ON r.organization_id = k.organization_id AND r.id = k.rule_id WHERE r.id IS NULL`},
	{"files of records that are gone", `SELECT a.organization_id || ' ' || a.id FROM attachments a LEFT JOIN customers c
		ON c.organization_id = a.organization_id AND c.id = a.attachmentable_id
		WHERE a.attachmentable_type = 'Customer' AND c.id IS NULL`},
	{"objects of two files", "SELECT blob_key FROM attachments GROUP BY blob_key HAVING count(*) > 1"},
}

// yes is true on both engines, where one of them writes booleans as numbers.
const yes = "TRUE"

// checkBytes wants the bytes of every file that has a row.
func checkBytes(t *testing.T, folder string, db *sql.DB) (files int) {
	t.Helper()
	err := report(db, "SELECT blob_key || ' ' || file_size || ' ' || digest FROM attachments", func(row string) {
		var key, digest string
		var size int64
		files++
		if _, err := fmt.Sscan(row, &key, &size, &digest); err != nil {
			t.Errorf("a file without a key, a size or a digest: %s", row)
			return
		}
		f, err := os.Open(filepath.Join(folder, "files", filepath.FromSlash(key)))
		if err != nil {
			t.Errorf("a row without its bytes: %v", err)
			return
		}
		defer f.Close()
		h := sha256.New()
		n, err := io.Copy(h, f)
		if err != nil || n != size || !strings.EqualFold(hex.EncodeToString(h.Sum(nil)), digest) {
			t.Errorf("%s holds %d bytes of %d, or others (%v)", key, n, size, err)
		}
	})
	if err != nil {
		t.Error(err)
	}
	return files
}
