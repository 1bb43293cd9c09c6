using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin;

/// <summary>
/// How the administration refuses what it is asked for, whoever asks. Thrown inside of a change it takes back all of it. What becomes an
/// answer of the API by <see cref="StorageFailureHandler"/> is a sentence beside the field on a page.
/// </summary>
public sealed class RefusedException(EdgeError error) : Exception(error.Message)
{
    public EdgeError Error => error;
}

/// <summary>What is refused where there is something to refuse.</summary>
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
