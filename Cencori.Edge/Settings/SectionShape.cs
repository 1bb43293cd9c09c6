using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace Cencori.Edge.Settings;

/// <summary>
/// Checks a configuration section against the type that it binds to. Binding ignores unknown names,
/// so a misspelt setting would have no effect and cause no message.
/// </summary>
public static class SectionShape
{
    /// <summary>Returns one line for each unknown name and each value of the wrong type. No line contains a value, because values may be secret.</summary>
    public static IEnumerable<string> Faults(IConfigurationSection section, Type type) => section.GetChildren().SelectMany(child => FaultsOfMember(child, type));

    private static IEnumerable<string> FaultsOfMember(IConfigurationSection member, Type owner)
    {
        var properties = owner.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        return Array.Find(properties, property => property.Name.Equals(member.Key, StringComparison.OrdinalIgnoreCase)) is { } property
            ? FaultsOfValue(member, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)
            : [$"{member.Path}: there is no such setting.{NearestName.Suggest(member.Key, properties.Select(known => known.Name))}"];
    }

    private static IEnumerable<string> FaultsOfValue(IConfigurationSection section, Type type)
    {
        if (type != typeof(string) && type.IsGenericType && type.IsAssignableTo(typeof(System.Collections.IEnumerable)))
        {
            var element = type.GetGenericArguments()[^1];
            return IsOpen(element) ? [] : section.GetChildren().SelectMany(child => Faults(child, element));
        }

        if (!IsValue(type))
        {
            return Faults(section, type);
        }

        // Some types also bind from a list of values. Then each value is checked.
        var values = section.GetChildren().Any() ? section.GetChildren() : [section];
        return values.Where(value => value.Value is { Length: > 0 } text && !IsOf(type, text)).Select(value => $"{value.Path}: the value is not a {type.Name}.");
    }

    // True: the elements of a collection with this element type are not checked. They are plain values, or an interface that only code can set.
    private static bool IsOpen(Type element) => IsValue(element) || element.IsInterface;

    private static bool IsValue(Type type) => type == typeof(string) || type == typeof(Uri) || type == typeof(Version) || type.IsValueType;

    private static bool IsOf(Type type, string text)
    {
        try
        {
            // YARP accepts "2" as a version; the framework does not.
            return type == typeof(string) || (type == typeof(Version) && int.TryParse(text, out _)) || TypeDescriptor.GetConverter(type).ConvertFromString(null, CultureInfo.InvariantCulture, text) is not null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or InvalidCastException or OverflowException)
        {
            return false;
        }
    }
}
