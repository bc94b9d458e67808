-- Samples of statements that are put together while the program runs. Each
-- such text begins with the name of its family in a comment, "/* a family */ ",
-- and is about one organization. The tests record what they have run:
--
--   GUANXI_TEST_ENGINE=walled GUANXI_TEST_SAMPLES=$PWD/internal/store/samples.sql go test -count=1 -p 1 ./internal/...

