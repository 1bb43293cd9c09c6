namespace Cencori.Edge.Providers.Catalog;

/// <summary>What is wrong with yarp.json, in a sentence that names the place. Anybody may read it: it shows no secret and no host.</summary>
public sealed class ProviderFaultException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>All that the exception tells, in one line.</summary>
    /// <param name="exception">The fault of a configuration that was not taken.</param>
    /// <param name="forAnybody">Leaves out what is not a sentence of ours.</param>
    public static string Explain(Exception exception, bool forAnybody = false)
    {
        var sentences = Flat(exception).Where(one => !forAnybody || one is ProviderFaultException).Select(one => one.Message.ReplaceLineEndings(" ")).Distinct().ToList();
        return sentences.Count > 0 ? string.Join(' ', sentences) : "The log says why.";
    }

    private static IEnumerable<Exception> Flat(Exception exception) => exception switch
    {
        ProviderFaultException => [exception],
        AggregateException many => many.InnerExceptions.SelectMany(Flat),
        { InnerException: { } inner } => Flat(inner),
        _ => [exception],
    };
}
