using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>What a form says that somebody else was faster than.</summary>
internal static class FormConflict
{
    /// <summary>The same error, unless it is that: then in the words of somebody who has typed into a form.</summary>
    public static EdgeError Explain(EdgeError error) => error.Status == StatusCodes.Status412PreconditionFailed
        ? error with { Message = "Somebody has changed this while you were writing. Nothing of yours has been saved: it stands below, and what holds now is shown above. Save again to replace it.", Param = null }
        : error;
}
