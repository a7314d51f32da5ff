// Package graph is the customer graph: its domain types, the [Store] port through which they are kept, and the
// errors that every store answers with. It knows no database, no GraphQL and no file format, and imports only the
// standard library and golang.org/x/text.
//
// Vocabulary:
//
//   - A [Customer] is one person, known by any number of identities ([Identity]: an e-mail address, a phone number, a
//     loyalty card …). A [CustomerRef] names one by id or by identity.
//   - An [Interaction] is one immutable fact at one moment: this customer did this, to this product or category.
//   - A [Product] is filed in categories, which form a tree ([Category], [CategoryTree]).
//   - A [Segment] is a named [Rule] that says which customers belong.
//   - An observation ([Observation]) is what one source said of one field of a customer at one time. Sources disagree;
//     [Winner] settles which one is shown, and the others stay beside it.
//   - A merge unites two customers found to be one person; it is logged ([Merge]) and can be undone.
//   - The change feed ([Change], [Cursor]) tells readers what was committed, in order.
//
// Times are UTC with microsecond resolution; finer digits are cut off. Money and quantities are [Decimal], never
// binary floats. Text is UTF-8 without NUL.
package graph
