import CEdit

/// C's standard streams, which are variables of C and so out of Swift's reach.
package enum CStreams {
    package static var input: UnsafeMutablePointer<FILE> { edit_input() }
    package static var output: UnsafeMutablePointer<FILE> { edit_output() }
}
