import CEdit

/// C's standard streams, which Swift cannot access because they are C variables.
package enum CStreams {
    package static var input: UnsafeMutablePointer<FILE> { edit_input() }
    package static var output: UnsafeMutablePointer<FILE> { edit_output() }
}
