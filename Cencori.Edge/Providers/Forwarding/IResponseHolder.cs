namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Who holds back what of a provider's response must not reach the caller yet.</summary>
public interface IResponseHolder
{
    /// <param name="response">As the caller would read it.</param>
    /// <param name="isEventStream">Else it is one document.</param>
    /// <returns>What the caller reads instead.</returns>
    Stream Hold(Stream response, bool isEventStream);

    /// <summary>It keeps what is said for the project, as the caller reads it. Default: others do, as the provider says it.</summary>
    bool KeepsPayload => false;

    /// <summary>The provider may have ended, and there is still something to be found out of what it has said before the caller reads it.</summary>
    bool HasMore => false;
}
