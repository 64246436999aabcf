import Foundation

extension Error {
    /// The `errno` behind an error of Foundation's; nil if there is none.
    var systemCode: Int32? {
        if let error = self as? POSIXError { return error.code.rawValue }
        let error = self as NSError
        if error.domain == NSPOSIXErrorDomain { return Int32(error.code) }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error)?.systemCode
    }

    /// This error as a `KitError`. What the system refused becomes `.inputOutput` with the path; any other foreign
    /// error is `.internalFault`.
    public var asKitError: KitError {
        if let error = self as? KitError { return error }
        guard let code = systemCode else { return KitError(.internalFault, "\(self)") }
        let path = (self as NSError).userInfo[NSFilePathErrorKey] as? String
        return .inputOutput(path.map { "cannot use '\($0)'" } ?? "a file cannot be used", code)
    }
}
