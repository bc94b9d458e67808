-- Samples of statements that are put together while the program runs. Each
-- such text begins with the name of its family in a comment, "/* a family */ ",
-- and is about one organization. The tests record what they have run:
--
--   GUANXI_TEST_ENGINE=walled GUANXI_TEST_SAMPLES=$PWD/internal/store/samples.sql go test -count=1 -p 1 ./internal/...

-- +sample
/* columns of a list */ SELECT id, company_name FROM leads WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
-- +sample
/* columns of a list */ SELECT id, phone, tel FROM contacts WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
-- +sample
/* columns of a list */ SELECT id, tel, phone FROM contacts WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
-- +sample
/* columns of a list */ SELECT id, tel, phone FROM customers WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
-- +sample
/* columns of a list */ SELECT id, custom_values FROM customers WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
-- +sample
/* columns of a list */ SELECT id, tel, phone, custom_values FROM customers WHERE organization_id = $1 AND id > $2 AND id <= $3 ORDER BY id
