using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>Explains an edit conflict: somebody else saved first.</summary>
internal static class FormConflict
{
    /// <summary>Returns an ETag conflict with a message for people who use a form; other errors unchanged.</summary>
    public static EdgeError Explain(EdgeError error) => error.Status == StatusCodes.Status412PreconditionFailed
        ? error with { Message = "Somebody else has changed this while you were editing. Your changes are not saved. They are below, and the stored version is above. Save again to replace it.", Param = null }
        : error;
}
