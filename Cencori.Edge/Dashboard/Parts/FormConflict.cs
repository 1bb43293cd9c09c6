using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>Explains an edit conflict: somebody else has saved after the user opened the form.</summary>
internal static class FormConflict
{
    /// <summary>Gives the error of an ETag conflict a message for people who use a form. Returns other errors unchanged.</summary>
    public static EdgeError Explain(EdgeError error) => error.Status == StatusCodes.Status412PreconditionFailed
        ? error with { Message = "Somebody else has changed these settings while you were editing. Your changes are not saved. The form below contains your changes, and the stored version is above. Save again to replace the stored version.", Param = null }
        : error;
}
