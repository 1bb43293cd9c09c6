using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin;

/// <summary>
/// Refusal of the administration, for the API and for pages. Inside of a change it rolls back the whole change. <see cref="StorageFailureHandler"/>
/// turns it into an API response; a page shows it beside the field.
/// </summary>
public sealed class RefusedException(EdgeError error) : Exception(error.Message)
{
    public EdgeError Error => error;
}

/// <summary>Throws refusals.</summary>
public static class Refusals
{
    /// <exception cref="RefusedException">There is a problem.</exception>
    public static void ThrowIfAny(this EdgeError? problem)
    {
        if (problem is not null)
        {
            throw new RefusedException(problem);
        }
    }
}
