package api

// Routes lists the API as "GET /api/v2/contacts/{id}", in the order of the
// table; the document of the API is compared with it.
func Routes() []string {
	var all []string
	for _, r := range routes() {
		all = append(all, r.method+" "+r.path)
	}
	return all
}
