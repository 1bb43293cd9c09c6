namespace Cencori.Edge.Egress;

/// <summary>An address that a project has set leads to where the edge connects for nobody's projects. Which one it is stays here.</summary>
public sealed class RefusedAddressException() : Exception($"The address is not one of the public internet, and {EgressGuard.Setting} does not open it.");
