// The crew's phone.
