using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>Explains an edit conflict: somebody else has saved after the user opened the form.</summary>
internal static class FormConflict
{
    /// <summary>Gives the error of an ETag conflict a message for a form that shows the stored version above it. Returns other errors unchanged.</summary>
    public static EdgeError Explain(EdgeError error) => error.Status == StatusCodes.Status412PreconditionFailed
        ? error with { Message = "Somebody else has changed these settings while you were editing. Your changes are not saved. The form below contains your changes, and the stored version is above. Save again to replace the stored version.", Param = null }
        : error;

    /// <summary>The state of a refused form on a page that does not show the stored version. After a conflict, the form has the tag of the stored version: saving
    /// again is then intended. After another error, the form keeps its own tag, so that a correction overwrites no change by somebody else.</summary>
    /// <param name="form">The form as sent.</param>
    /// <param name="error">Why it was refused.</param>
    /// <param name="tag">The tag of the stored version.</param>
    /// <param name="secret">The fields whose input the page does not show again.</param>
    public static FormState Refused(IFormCollection form, EdgeError error, string tag, params string[] secret)
    {
        if (error.Status != StatusCodes.Status412PreconditionFailed)
        {
            return FormState.Refused(form, error, secret);
        }

        var sent = FormState.Refused(
            form,
            error with
            {
                Message = "Somebody else has changed these settings while you were editing. Your changes are not saved. The form below contains your changes. Save again to replace the stored version.",
                Param = null,
            },
            secret);
        return sent with { Values = new Dictionary<string, string?>(sent.Values, StringComparer.Ordinal) { ["tag"] = tag } };
    }
}
