// Package scalar translates single values between GraphQL and Go. What does not
// fit is a domain.Error of KindInvalid; the door adds which input it was.
package scalar
