// The reference alone, as a service in production shows it when asked for.
import { startReference } from "./reference.js";

startReference(document.getElementById("swagger"));
