package demo

import (
	"fmt"
	"io"
)

// Print writes what a newcomer needs: the address, the sign-ins, and lines for
// a shell that sign in and make both calls.
func (f *Facts) Print(w io.Writer) error {
	const header = `-H "Authorization: Token token=$TOKEN, device=open_api, version_code=9.9.9"`
	who := map[string]string{"owner": "sees both examples", "colleague": "finds the customer by name, may not see the contact"}
	_, err := fmt.Fprintf(w, "\nguanxi demo   %s\n\n", f.URL)
	for _, u := range f.Users {
		if err == nil {
			_, err = fmt.Fprintf(w, "  %-10s login %s   password %s   %s\n", u.Role, u.Login, u.Password, who[u.Role])
		}
	}
	if err != nil {
		return err
	}
	u := f.Users[0]
	_, err = fmt.Fprintf(w, `
Paste these into a shell, one after the other: sign in, find customers by name, show a contact.

TOKEN=$(curl -s %[1]s/api/v2/auth/login -d login=%[2]s -d password=%[3]s -d device=open_api | sed 's/.*"user_token": *"\([^"]*\)".*/\1/')
curl -sG %[1]s/api/v2/duplicates/matching_name --data-urlencode "name=%[4]s" %[6]s; echo
curl -s %[1]s/api/v2/contacts/%[5]d %[6]s; echo

`, f.URL, u.Login, u.Password, f.MatchingName, f.ContactID, header)
	return err
}
